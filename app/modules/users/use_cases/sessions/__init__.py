"""Sign-ins: begun, kept up, ended."""
