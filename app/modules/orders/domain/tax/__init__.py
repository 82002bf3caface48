"""Tax: which rates apply to what, and how much that is. Pure, and in whole numbers only."""
