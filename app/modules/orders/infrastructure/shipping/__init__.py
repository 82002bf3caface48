"""Zones, shipping methods and rates in the database."""
