"""What keeps an installation in order: its processes, maintenance and settings.

- `processes`: which serving processes live; what a dead one held is free again.
- `peers`: processes on one database tell each other what they stored.
- `maintenance`: what is written and deleted from time to time.
- `preferences`: what administrators set while the product runs.
"""
