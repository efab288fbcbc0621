"""/api/alerts, /api/alert-policies and /api/silences."""
