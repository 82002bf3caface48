"""Jobs: calls to third parties as rows, repeated until they succeed. The replay of past events is a job, too."""
