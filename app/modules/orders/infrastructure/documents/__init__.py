"""Invoices and credit notes in the database."""
