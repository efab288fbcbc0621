"""Guarded connections to addresses that users set.

- `destinations` decides which addresses are allowed.
- `connections` resolves a name, connects, and ends every step by one deadline.
- `posts` sends an HTTP POST this way (`guarded_http` adapts httpx to it), `urls` checks and masks URLs.
"""
