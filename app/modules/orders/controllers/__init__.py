"""The HTTP routes of orders."""
