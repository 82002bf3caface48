"""The HTTP routes of catalog, with the schemas of requests and responses."""
