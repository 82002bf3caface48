"""What all other packages may use: money, errors, ids, time, transactions. It imports neither the web nor the bus."""
