"""Incidents: alerts that begin together and share a cause, and what depends on what."""
