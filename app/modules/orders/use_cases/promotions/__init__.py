"""Promotions: set up by staff, taken with an order, and returned with it."""
