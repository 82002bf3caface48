"""Routes of carts and quotes."""
