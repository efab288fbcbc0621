"""Hosts that report with a fleet key and that nobody has registered yet."""

from dataclasses import dataclass
from datetime import datetime

MAX_UNREGISTERED = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class UnregisteredHost:
    ip_address: str
    first_seen_at: datetime
    last_seen_at: datetime
    reports: int
    cpu: float
    memory: float
    disk: float
