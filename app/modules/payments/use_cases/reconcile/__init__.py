"""Whether orders, payments and Stripe agree, and what is done where they do not."""
