"""What is on hand, held for orders and sold; and whether it adds up."""
