"""The domain of users: accounts, sessions, passwords and signing keys, without any framework."""
