"""Carts, and the offers that they are priced by."""
