"""Endpoints that read the history: stored samples, series for charts, filling disks, and statistics."""
