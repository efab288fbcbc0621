"""/api/live: server-sent events."""
