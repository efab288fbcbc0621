"""Samples, chunks and rollups in SQL."""
