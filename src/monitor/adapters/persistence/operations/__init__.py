"""Leases, heartbeats, peer updates and settings in SQL."""
