"""/api/channels, /api/notifications and /api/alerts/coverage."""
