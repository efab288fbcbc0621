from abc import ABC, abstractmethod
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from monitor.domain.actors import Actor
from monitor.domain.alert_engine import Level
from monitor.domain.alerts import Alert, AlertId, TimelineEntry
from monitor.domain.policies import PolicyId
from monitor.domain.servers import ServerId


class Alerts(ABC):
    @abstractmethod
    def add(self, alert: Alert) -> Alert:
        """Store a new one and return it with its id. Raises ConstraintViolated where its server is gone."""

    @abstractmethod
    def get(self, alert_id: AlertId, *, visible_to: Actor | None) -> Alert:
        """Locked against other transactions' changes; *visible_to* None: for the product itself.

        Raises NotFound, also where the actor may not see its server.
        """

    @abstractmethod
    def get_many(self, alert_ids: Collection[AlertId], *, visible_to: Actor | None) -> dict[AlertId, Alert]:
        """Those that exist, and that the actor may see, in id order; locked like one that `get` gives."""

    @abstractmethod
    def save(self, alert: Alert) -> None:
        """Replace the stored one. Raises NotFound."""

    @abstractmethod
    def save_peaks(self, peaks: Mapping[AlertId, tuple[float, datetime]]) -> None:
        """Replace peak_value and peak_at, and nothing else of them. Those that are gone are passed over."""

    @abstractmethod
    def open(self, *, policy_id: PolicyId | None = None, server_ids: Collection[ServerId] | None = None) -> list[Alert]:
        """Firing ones, in id order: all, or those of a policy, or of servers."""

    @abstractmethod
    def untold(self) -> set[AlertId]:
        """Firing ones that nobody was or is to be told of: there was nobody, or who there was is concerned no more."""

    @abstractmethod
    def add_to_timeline(self, entries: Sequence[TimelineEntry]) -> list[TimelineEntry]:
        """Store them in this order and return them with their ids."""

    @abstractmethod
    def recent_changes(self, server_id: ServerId, metric: str, since: datetime) -> list[datetime]:
        """When alerts of that server and metric fired, changed their level, or ended, at or after *since*, oldest
        first."""

    @abstractmethod
    def noticed(self, server_id: ServerId, metric: str) -> Level | None:
        """None where no alert of that server and metric is marked as flapping; else the highest level of which a notice
        stands, OK where there is none. Not locked."""

    @abstractmethod
    def end_flapping(self, server_id: ServerId, metric: str) -> list[AlertId]:
        """Take the mark from all of that server and metric that bear it: these, in id order."""
