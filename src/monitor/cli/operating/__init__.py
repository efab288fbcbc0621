"""Commands for those who operate the server: backups, and imports from other products."""
