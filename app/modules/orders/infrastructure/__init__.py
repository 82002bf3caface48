"""The tables of orders, and the implementations of its ports."""
