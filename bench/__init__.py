"""Benchmarks: each figure of the shop beside its raw limit, measured in the same run: `make bench`."""
