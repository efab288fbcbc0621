"""Commands for those who operate the server: backups, upgrades, the history, and imports from other products."""
