"""The tables that every module's database has, version by version; each module's history applies them."""
