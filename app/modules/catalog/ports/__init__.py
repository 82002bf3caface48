"""What the use cases of catalog need."""
