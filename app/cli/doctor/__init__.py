"""`flask doctor`: looks at everything that the shop stands on, and says what is wrong and what to do."""
