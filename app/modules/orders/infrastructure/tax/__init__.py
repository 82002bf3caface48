"""Tax in the database, and the third parties that are asked about it."""
