"""Search: in Elasticsearch, in an SQLite file, or in the database while there is no index."""
