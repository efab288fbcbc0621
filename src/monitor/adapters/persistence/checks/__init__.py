"""Checks and check-ins in SQL. Their names and hosts, and the intervals of checks, stand in the table of servers."""
