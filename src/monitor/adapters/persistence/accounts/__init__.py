"""Users, sessions, limits and the audit log in SQL."""
