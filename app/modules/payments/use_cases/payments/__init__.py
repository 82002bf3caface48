"""The use cases of a payment from its opening to its end."""
