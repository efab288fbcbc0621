"""Accounts in SQL: users, sessions, live tickets, limits and the audit log.

`user_queries` serves the API and the check of every request; the other modules are repositories. Asks for the engine's
statements and locks, and for the tables.
"""
