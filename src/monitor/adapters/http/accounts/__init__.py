"""The API of accounts: /api/auth (`sessions`), /api/users (`users`) and /api/audit (`audit`).

Asks for the use cases of `application.accounts`, and for the edge.
"""
