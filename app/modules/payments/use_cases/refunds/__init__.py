"""Money that goes back, one file a use case."""
