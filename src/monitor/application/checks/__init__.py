"""Checks, which this server runs, and check-ins, which jobs make."""
