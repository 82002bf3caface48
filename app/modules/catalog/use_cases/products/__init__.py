"""Products, their variants and prices, and what others hear of them."""
