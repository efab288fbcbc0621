"""Connections, transactions, errors and migrations of SQLite and MySQL."""
