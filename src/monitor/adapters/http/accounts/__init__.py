"""/api/auth, /api/users and /api/audit."""
