"""Where policies, alerts, their states and silences are kept."""

from abc import ABC, abstractmethod
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from monitor.application.notifications import ports as notifications
from monitor.domain.accounts.actors import Actor
from monitor.domain.alerts.alert import Alert, AlertId, AlertState, TimelineEntry
from monitor.domain.alerts.engine import State
from monitor.domain.alerts.policies import Policy, PolicyId
from monitor.domain.alerts.silences import Silence, SilenceId
from monitor.domain.fleet.servers import Server, ServerId
from monitor.domain.levels import Level


class AlertPolicies(ABC):
    @abstractmethod
    def add(self, policy: Policy) -> Policy:
        """Store a new one and return it with its id.

        Raises PolicyExists where there is one for the same metric and scope, ConstraintViolated where its server is
        gone.
        """

    @abstractmethod
    def get(self, policy_id: PolicyId) -> Policy:
        """Locked against other transactions' changes. Raises NotFound."""

    @abstractmethod
    def save(self, policy: Policy) -> None:
        """Replace the stored one. Raises NotFound, PolicyExists, ConstraintViolated."""

    @abstractmethod
    def delete(self, policy_id: PolicyId) -> None:
        """Its alerts stay, without it. Raises NotFound."""

    @abstractmethod
    def all(self) -> list[Policy]:
        """In id order."""


class StoredState(NamedTuple):
    """The engine's state of one server and metric while it is pending or firing; what is idle has no row.

    *version* tells its changes apart, also from those of one that was deleted before; 0 for one that is not stored yet.
    """

    server_id: ServerId
    metric: str
    policy_id: PolicyId
    state: State
    alert_id: AlertId | None = None
    version: int = 0


class AlertStates(ABC):
    """Guarded by versions: whoever changes what another changed meanwhile gets TransactionConflict, reloads and tries
    again. It comes at the change or later, at the commit at the latest."""

    @abstractmethod
    def all(self) -> list[StoredState]: ...

    @abstractmethod
    def of_servers(self, server_ids: Collection[ServerId]) -> list[StoredState]: ...

    @abstractmethod
    def save(self, states: Sequence[StoredState], ended: Sequence[StoredState] = ()) -> list[StoredState]:
        """Insert those with version 0, replace the others, and return them with their new versions; delete those that
        *ended*.

        Raises TransactionConflict where a row is there already, is gone, or has another version.
        """

    @abstractmethod
    def delete(self, states: Sequence[StoredState]) -> None:
        """Raises TransactionConflict where a row is gone or has another version."""


class Alerts(notifications.NotifiedAlerts):
    @abstractmethod
    def add(self, alert: Alert) -> Alert:
        """Store a new one and return it with its id. Raises ConstraintViolated where its server is gone."""

    @abstractmethod
    def get(self, alert_id: AlertId, *, visible_to: Actor | None) -> Alert:
        """Locked against other transactions' changes; *visible_to* None: for the product itself.

        Raises NotFound, also where the actor may not see its server.
        """

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


class Silences(ABC):
    @abstractmethod
    def add(self, silence: Silence) -> Silence:
        """Store a new one and return it with its id. Raises ConstraintViolated where its server is gone."""

    @abstractmethod
    def get(self, silence_id: SilenceId, *, visible_to: Actor) -> Silence:
        """Raises NotFound. A user sees those on a server linked to them, and those on a tag or everything that reach
        such a server; an admin sees all."""

    @abstractmethod
    def delete(self, silence_id: SilenceId) -> None:
        """Passes over an unknown one."""

    @abstractmethod
    def all(self) -> list[Silence]:
        """In id order."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertFilter:
    """start <= fired_at < end; *level* is the highest that an alert came to; *text* and *tag* choose servers, as a
    ServerFilter does; *before* is the last id of the page before."""

    state: AlertState | None = None
    server_id: ServerId | None = None
    level: Level | None = None
    acknowledged: bool | None = None
    metric: str | None = None
    text: str | None = None
    tag: str | None = None
    start: datetime | None = None
    end: datetime | None = None
    before: int | None = None
    limit: int = 100

    def may_be_of(self, server: Server) -> bool:
        """Whether that is one of the servers it chooses."""
        return (
            self.server_id in (None, server.id)
            and (self.tag is None or self.tag in server.tags)
            and (self.text is None or server.mentions(self.text))
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownAlert:
    alert: Alert
    server_name: str
    acknowledged_by: str | None


class AlertQueries(ABC):
    @abstractmethod
    def newest(self, actor: Actor, wanted: AlertFilter) -> list[ShownAlert]:
        """Of servers the actor may see, by id, newest first. Raises NotFound for a server the actor may not see."""

    @abstractmethod
    def get(self, actor: Actor, alert_id: AlertId) -> tuple[ShownAlert, list[TimelineEntry]]:
        """With its timeline, oldest first. Raises NotFound, also where the actor may not see its server."""

    @abstractmethod
    def calm(self, since: datetime) -> list[tuple[ServerId, str]]:
        """Servers and metrics with alerts marked as flapping, of which none has changed after *since*. For the product
        itself."""


class UnitOfWork(notifications.UnitOfWork):
    """A transaction on policies, alerts and silences; what is decided goes into the outbox."""

    alert_policies: AlertPolicies
    alert_states: AlertStates
    alerts: Alerts
    silences: Silences


class Queries(notifications.Queries):
    alerts: AlertQueries
