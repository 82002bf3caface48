"""Making, publishing and retiring the keys that sign access tokens."""
