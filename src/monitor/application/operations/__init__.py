"""What keeps an installation in order: its processes, maintenance and settings.

- `processes`: which serving processes live, and what they report; what a dead one held is free again.
- `peers`: processes on one database tell each other what they stored.
- `storing`: whether samples are stored, and whether the store has lost any.
- `maintenance`: what is written and deleted from time to time.
- `preferences`: what administrators set while the product runs.
"""
