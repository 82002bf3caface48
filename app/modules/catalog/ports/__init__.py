"""The interfaces that the use cases of catalog depend on; infrastructure implements them."""
