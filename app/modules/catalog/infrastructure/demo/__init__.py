"""The products of the demo shop, and how they are loaded."""
