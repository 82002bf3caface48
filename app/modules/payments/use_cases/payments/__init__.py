"""A payment from its opening to its end, one file a use case."""
