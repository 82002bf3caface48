"""What all controllers share: who asks, what may go wrong, how lists, limits, metrics and health look."""
