"""Comparing orders, payments and Stripe, and correcting the differences."""
