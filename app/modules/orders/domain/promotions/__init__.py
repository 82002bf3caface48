"""The rules of promotions: what they take off a basket, and why a code gives nothing."""
