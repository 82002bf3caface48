"""The implementations of the ports: tables, repositories, search engines, jobs and checks."""
