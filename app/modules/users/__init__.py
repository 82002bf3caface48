"""users owns accounts, passwords, sign-ins, roles, address books and the keys that sign tokens.

It publishes which accounts are disabled, which access tokens are still valid and which keys verify them. It consumes
no events of the other modules.
"""
