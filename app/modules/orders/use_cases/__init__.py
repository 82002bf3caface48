"""The use cases of orders, one per file."""
