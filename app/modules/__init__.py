"""The four modules. None of them imports or calls another."""
