"""What other processes committed; and times in which this one took no reports: for them no host is silent."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from monitor.application.fleet import Fleet
from monitor.application.ports.clock import Clock
from monitor.domain.errors import StorageUnavailable

LONGEST_PAUSE = timedelta(seconds=20)
"""Longer between two rounds that worked, and the database was away, the process stopped or starved, the machine asleep
or its clock set forward. Well under the least time that a host may be silent."""


@dataclass(slots=True)
class FollowFleet:
    """Run about twice a second, and just before silent hosts are looked for. Raises StorageUnavailable."""

    fleet: Fleet
    clock: Clock
    worked_at: datetime | None = None

    def __call__(self) -> None:
        try:
            self.fleet.poll()
        except StorageUnavailable:
            self.fleet.interrupted_at = self.clock.now()
            raise
        now = self.clock.now()
        if self.worked_at is not None and now - self.worked_at > LONGEST_PAUSE:
            self.fleet.interrupted_at = now
        self.worked_at = now
