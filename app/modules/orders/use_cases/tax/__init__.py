"""Staff set up what is taxed, where, and how much."""
