"""Whether the others still agree with what orders knows."""
