"""Backups: all rows of a database in one file, the same for SQLite and MySQL. See docs/backup.md and decision 75.

- `backup_file`: the format, written and read.
- `snapshot`: the rows of one moment, as every database gives and takes them.
- `taking`: writes a file and compares it with what was read.
- `places`: an empty SQLite file, or an empty database of a server, that a restore fills completely or not at all.
- `restoring`: fills it.
"""
