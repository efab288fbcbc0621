"""Stored samples, series for charts, and statistics."""
