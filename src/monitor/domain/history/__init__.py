"""Compressed history of samples.

Knows frames (samples of one server as columns), rollups of 10 minutes, an hour and half a day, the codec that
compresses both, series for charts, and the forecast for disks that fill up. Reads no clock and no storage.
Start with `frames`, then `rollups` and `codec`; `numbers` packs lists of numbers for the codec.
"""
