"""The use cases of refunds."""
