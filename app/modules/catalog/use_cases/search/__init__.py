"""Keeping what is searched in step with the products."""
