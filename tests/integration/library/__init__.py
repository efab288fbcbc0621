"""The library on real databases, and in servers of others."""
