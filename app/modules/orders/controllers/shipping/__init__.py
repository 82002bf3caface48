"""Routes of zones, shipping methods and rates."""
