"""Accounts: opened, changed, shut out."""
