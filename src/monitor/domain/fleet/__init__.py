"""Servers with their tags, linked users and teams; unregistered hosts; and the API keys of agents.

Begin with `servers`. Knows users only by id.
"""
