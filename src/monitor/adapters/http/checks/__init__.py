"""Endpoints of checks."""
