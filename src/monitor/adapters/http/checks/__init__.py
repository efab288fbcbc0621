"""Checks and check-ins in the API."""
