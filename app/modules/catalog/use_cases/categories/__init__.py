"""Editing the tree of categories."""
