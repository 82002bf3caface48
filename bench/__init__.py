"""What the shop costs, each figure beside its raw limit, measured in the same run: `make bench`."""
