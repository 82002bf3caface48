"""The business rules of orders, in plain Python without I/O."""
