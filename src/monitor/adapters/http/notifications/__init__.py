"""/api/channels and /api/notifications."""
