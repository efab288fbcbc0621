"""Accounts: users and their roles, sessions, limits, and what the audit log records.

Knows people, how they log in, what they may do and what they did. Asks for nothing: time, ids and hashes are arguments.
Start with `users` and `actors`; `sessions` holds the rules of tokens, `factors` those of second factors, and `limits`
those of guesses and quotas.
"""
