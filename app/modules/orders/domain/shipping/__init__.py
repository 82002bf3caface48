"""Shipments, and what they cost."""
