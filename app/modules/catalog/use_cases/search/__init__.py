"""Keeping the search index consistent with the products in the database."""
