"""The use cases of payments: one folder per subject, one file per use case."""
