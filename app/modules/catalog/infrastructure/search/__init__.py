"""Search: in Elasticsearch, in a file of SQLite, or in the database while there is no index."""
