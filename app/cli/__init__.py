"""The flask commands that every entry point has. Commands of one module are in its folder."""
