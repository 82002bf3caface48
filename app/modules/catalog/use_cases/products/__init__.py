"""Products, their variants and prices, and the offers that are published to other modules."""
