"""The API of accounts: /api/auth (`sessions`, `passkeys`), /api/users (`users`) and /api/audit (`audit`).

Asks for the use cases of `application.accounts`, and for the edge.
"""
