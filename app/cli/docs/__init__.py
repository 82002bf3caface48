"""`flask docs write`: pages that are made from the code. For development only; not in the image."""
