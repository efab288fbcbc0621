"""Servers, their tags and linked users, the hosts that nobody registered, and the keys of agents.

Begin with `servers`. Knows users only by id.
"""
