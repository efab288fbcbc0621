"""Ports of accounts: repositories in a unit of work, and queries."""
