"""Checks in SQL. Their names, intervals and hosts stand in the table of servers."""
