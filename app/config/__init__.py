"""Settings: read from the environment once, typed, and refused where they would open a shop up."""
