"""Use cases of accounts: log in and out, change a profile or password, administer users, limit guesses and quotas.

Asks for repositories and queries (`ports`) and for tokens and password hashes (`credentials`).
Start with `sessions` (log in, renew, log out) and `authentication` (the check of every request).
"""
