"""Settings: read once from the environment, typed, and refused in production where they are unsafe."""
