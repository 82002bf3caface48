"""The flask commands that every entry point has; a module's own are in the module."""
