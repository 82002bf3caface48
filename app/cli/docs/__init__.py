"""`flask docs write`: generates pages from the code. For development only; the images do not contain it."""
