"""Commands for those who operate the server: backups, upgrades, and imports from other products."""
