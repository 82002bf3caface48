"""Promotions, coupons and their uses in the database."""
