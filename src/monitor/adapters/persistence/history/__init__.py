"""Samples, chunks and rollups in SQL.

Raw samples: `samples` and `sample_inserts` in a unit of work; `sample_queries`, `newest_samples` and `frames` for
reads. Chunks and rollups: `chunks`. Sizes of all tables: `sizes`. Start with `samples`.
"""
