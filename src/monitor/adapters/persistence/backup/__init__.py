"""Backups: all rows of a database in one file, the same for SQLite and MySQL. See docs/backup.md and decision 75."""
