"""Accounts in SQL: users, sessions, passkeys, live tickets, limits and the audit log.

`users` also has the queries for the API and for the check of every request. Asks for the engine's statements and locks,
and for the tables.
"""
