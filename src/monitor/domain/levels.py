"""Severity of an alert."""

from enum import IntEnum


class Level(IntEnum):
    """How bad it is: OK, WARNING or CRITICAL, in this order."""

    OK = 0
    WARNING = 1
    CRITICAL = 2
