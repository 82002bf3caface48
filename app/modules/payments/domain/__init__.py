"""The domain of payments: rules in plain Python, without I/O."""
