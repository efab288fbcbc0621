"""Stored samples: raw rows, chunks of an hour, and rollups.

Reads them (`tiers`, `charts`, `filling`), seals hours into chunks and rollups (`sealing`),
and deletes old ones (`retention`). `ports` asks for a repository and queries of each tier.
Start with `tiers` for reading and `sealing` for writing.
"""
