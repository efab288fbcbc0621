"""Servers, keys and unregistered hosts in SQL."""
