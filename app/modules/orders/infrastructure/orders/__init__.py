"""Orders in the database, and what is stored about each."""
