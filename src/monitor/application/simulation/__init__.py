"""A simulated fleet with a history, for demonstrations and load tests.

`fleet` creates its servers and users, `history` writes what they would have reported and the past alerts.
Asks for no ports of its own. Start with `history`.
"""
