"""Traces and metrics, over all processes of a shop."""
