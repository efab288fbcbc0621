"""Servers, their tags and links, and the keys of their agents."""
