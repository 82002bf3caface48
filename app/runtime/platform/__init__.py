"""Migrations of the tables that every module's database has, version by version; each module's history runs them."""
