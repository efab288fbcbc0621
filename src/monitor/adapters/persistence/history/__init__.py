"""Samples, chunks and rollups in SQL.

Raw samples: `samples` and `sample_inserts` in a unit of work; `sample_queries` for reads. Chunks
and rollups: `chunks`, which also tells the sizes of all tables. Start with `samples`.
"""
