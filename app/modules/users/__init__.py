"""users owns accounts, passwords, sign-ins, roles and the keys that sign tokens.

It says who may no longer come in and which keys verify tokens; it hears nothing from the other modules.
"""
