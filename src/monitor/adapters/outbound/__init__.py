"""Connections that end by one deadline, to addresses that users or the operator set.

- `destinations` decides which addresses are allowed, and checks and masks URLs.
- `connections` resolves a name, connects, and ends every step by one deadline.
- `posts` sends HTTP requests this way.
"""
