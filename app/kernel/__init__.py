"""What every part may lean on: money, errors, ids, time, transactions. No web, no bus."""
