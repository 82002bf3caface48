"""What a customer would buy, and what it costs."""
