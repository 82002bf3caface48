"""The four modules. None of them knows another."""
