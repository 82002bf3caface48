"""The provider of payments, as our ports want it."""
