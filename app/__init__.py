"""Quartet: four modules of a shop in one process, or each in its own."""
