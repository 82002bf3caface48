"""Filling carts, and ordering them."""
