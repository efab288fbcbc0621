"""Servers, keys and unregistered hosts in SQL. `conditions` chooses the servers that an actor may see."""
