"""The tables, repositories and adapters of payments."""
