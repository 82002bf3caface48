"""Calls to third parties as rows, repeated until they are done; and the replay of past events, done the same way."""
