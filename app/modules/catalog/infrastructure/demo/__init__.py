"""The goods of the demo shop, and how they come in."""
