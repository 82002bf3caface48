"""Audits: whether catalog and payments agree with the orders stored here."""
