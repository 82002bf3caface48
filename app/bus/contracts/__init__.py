"""The contracts between the modules: every event that they publish.

A published field stays: a new field has a default, and any other change is a new version of the event.
"""

PUBLISHERS = ("catalog", "orders", "payments", "users")
