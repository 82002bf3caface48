"""The adapters of users: tables, repositories, tokens, password hashes, metrics and checks."""
