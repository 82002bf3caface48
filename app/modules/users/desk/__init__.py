"""The pages of users for staff: sign in and out, accounts and their roles."""
