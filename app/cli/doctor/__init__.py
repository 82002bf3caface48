"""`flask doctor`: checks everything that the shop depends on, and reports what is wrong and what to do."""
