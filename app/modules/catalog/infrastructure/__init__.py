"""Tables, repositories, adapters."""
