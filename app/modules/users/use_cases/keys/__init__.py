"""Keys that sign access tokens: made, announced, retired."""
