"""Operations: the state of a module's events, and repairs by hand, which are recorded; over HTTP and by command."""
