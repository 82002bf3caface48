"""Routes of tax."""
