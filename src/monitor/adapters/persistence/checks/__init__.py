"""Checks and check-ins in the database."""
