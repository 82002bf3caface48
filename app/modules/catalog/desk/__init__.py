"""The pages of catalog for staff: products with their variants and prices, categories, stock."""
