"""Health, metrics for Prometheus, and settings."""
