"""Servers and keys: their administration, and the fleet as this process keeps it in memory."""
