"""Log-ins, sessions, profiles, the administration of users, and limits on guessing."""
