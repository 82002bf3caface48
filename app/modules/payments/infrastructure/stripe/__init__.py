"""The adapter for Stripe, which implements the ports of payments."""
