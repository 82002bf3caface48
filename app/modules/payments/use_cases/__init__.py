"""By subject; one file a use case."""
