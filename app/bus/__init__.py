"""How modules exchange events: outbox, relay, transport, inbox, consumer, parking."""
