"""Everything the modules may say to each other.

A field, once said, stays: additions have defaults, anything else is a new version.
"""

PUBLISHERS = ("catalog", "orders", "payments", "users")
