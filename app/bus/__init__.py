"""How modules hear each other: outbox, relay, transport, inbox, consumer, parking."""
