"""Use cases of carts: filling, showing and ordering them."""
