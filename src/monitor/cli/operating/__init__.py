"""Commands of who operates the server: backups."""
