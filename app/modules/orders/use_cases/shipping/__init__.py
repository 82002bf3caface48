"""Staff set up where the shop ships to, how, and for how much."""
