"""Servers, their tags, linked users and teams, the hosts that nobody registered, and the keys of agents.

Begin with `servers`. Knows users only by id.
"""
