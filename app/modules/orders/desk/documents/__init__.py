"""Pages of documents and reports."""
