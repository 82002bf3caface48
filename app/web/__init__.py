"""The HTTP layer that all modules share: authentication, errors, paging, rate limits, metrics and probes."""
