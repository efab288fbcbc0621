"""Values of the recomputation of alerts: samples, notifications, policies and silences."""

from dataclasses import dataclass, field
from datetime import datetime

from monitor.domain.alerts.alert import EventKind
from monitor.domain.levels import Level
from monitor.domain.policies.policies import PolicyId
from monitor.domain.times import UNSET_TIME
from tests.unit.alert_oracle import Oracle

Key = tuple[str, str]
"""Server and metric."""


@dataclass(eq=False)
class Row:
    """Notification for one recipient. *state*: pending, held, sent, parked or dropped."""

    person: str
    event_kind: EventKind
    alert: "PlainAlert"
    level: Level
    due: datetime
    created_at: datetime
    state: str = "pending"
    attempts: int = 0


@dataclass(eq=False)
class PlainAlert:
    """Alert with its notifications."""

    key: Key
    level: Level
    started_at: datetime
    fired_at: datetime
    peak: tuple[Level, float, datetime]
    state: str = "firing"
    ended_at: datetime | None = None
    acknowledged: bool = False
    acknowledged_at: datetime = UNSET_TIME
    late: bool = False
    due: datetime | None = None
    last_notified_at: datetime | None = None
    rows: list[Row] = field(default_factory=list)

    @property
    def is_open(self) -> bool:
        return self.state == "firing"

    def knowing(self) -> set[str]:
        return {row.person for row in self.rows if row.state in ("pending", "held", "sent")}


@dataclass(eq=False)
class Watched:
    """One metric of one server under one policy."""

    policy_id: PolicyId
    oracle: Oracle
    alert: PlainAlert | None = None


@dataclass(eq=False)
class Silenced:
    server: str | None
    metric: str | None
    begin: datetime
    end: datetime

    def covers(self, key: Key, now: datetime) -> bool:
        same = self.server in (None, key[0]) and self.metric in (None, key[1])
        return same and self.begin <= now < self.end
