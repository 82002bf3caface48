"""Reading and changing the addresses that an account has saved."""
