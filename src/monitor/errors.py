"""The errors that the library raises. All derive from `MonitorError`, whose `reason` is a stable name for programs."""

from monitor.domain.errors import (
    Conflict,
    Forbidden,
    InvalidInput,
    MonitorError,
    NotFound,
    Overloaded,
    Problem,
    StorageUnavailable,
    Unauthenticated,
    Unavailable,
)

__all__ = [
    "Closed",
    "Conflict",
    "Forbidden",
    "InvalidInput",
    "MonitorError",
    "NotFound",
    "Overloaded",
    "Problem",
    "SchemaUnsuitable",
    "StorageUnavailable",
    "Unauthenticated",
    "Unavailable",
]


class Closed(MonitorError, reason="closed"):
    """The core is closed."""


class SchemaUnsuitable(MonitorError, reason="schema_unsuitable"):
    """The database belongs to a newer version of monitor, or holds a part of a backup."""
