"""The business rules of catalog, without any framework or database."""
