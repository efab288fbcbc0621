"""/healthz and /readyz, /metrics for Prometheus, and /api/settings."""
