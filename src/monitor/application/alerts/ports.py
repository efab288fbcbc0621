"""Storage that the use cases of alerts ask for: policies, alerts, their states, and silences."""

from abc import ABC, abstractmethod
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from monitor.application.fleet.visibility import VisibleIds
from monitor.application.notifications import ports as notifications
from monitor.domain.accounts.actors import Actor
from monitor.domain.alerts.alert import Alert, AlertId, AlertState, TimelineEntry, Verdict
from monitor.domain.alerts.due import DueEvaluation
from monitor.domain.alerts.engine import State
from monitor.domain.alerts.quiet import Quiet
from monitor.domain.errors import NotFound
from monitor.domain.fleet.servers import Server, ServerId
from monitor.domain.hindsight.replayed_alerts import Span
from monitor.domain.levels import Level
from monitor.domain.policies.policies import Policy, PolicyId, WatchKey
from monitor.domain.policies.silences import Silence, SilenceId
from monitor.domain.times import microseconds


class AlertPolicies(ABC):
    @abstractmethod
    def add(self, policy: Policy) -> Policy:
        """Store a policy and return it with its id.

        Raises PolicyExists if its metric, kind and scope have one, ConstraintViolated if its server was deleted.
        """

    @abstractmethod
    def get(self, policy_id: PolicyId) -> Policy:
        """Return one, locked until the transaction ends. Raises NotFound."""

    @abstractmethod
    def save(self, policy: Policy) -> None:
        """Replace the stored one. Raises NotFound, PolicyExists, ConstraintViolated."""

    @abstractmethod
    def delete(self, policy_id: PolicyId) -> None:
        """Delete it. Its alerts stay, without a policy. Raises NotFound."""

    @abstractmethod
    def all(self) -> list[Policy]:
        """Return all in id order."""


class StoredState(NamedTuple):
    """State of one server and policy that is pending or fires. *metric*: the `Policy.key`, mostly the metric.

    *version*: 0 until stored; another one with each change, and never that of a deleted row.
    """

    server_id: ServerId
    metric: str
    policy_id: PolicyId
    state: State
    alert_id: AlertId | None = None
    version: int = 0


Watched = tuple[ServerId, WatchKey]
"""A server and what is watched there."""


class Waiting(NamedTuple):
    """Alert that people may have to be notified of now."""

    id: AlertId
    server_id: ServerId
    metric: str
    level: Level
    fired_at: datetime


class AlertStates(ABC):
    """States guarded by versions (optimistic locking).

    A change of a row that another transaction has changed raises TransactionConflict, at the change or at the commit.
    """

    @abstractmethod
    def all(self) -> list[StoredState]: ...

    @abstractmethod
    def fingerprint(self) -> tuple[int, int]:
        """Return the number of rows and the sum of their versions. Since first versions are random, a change leaves
        both equal once in a billion times."""

    @abstractmethod
    def of_servers(self, server_ids: Collection[ServerId]) -> list[StoredState]: ...

    @abstractmethod
    def of_policy(self, policy_id: PolicyId, at_most: int | None = None) -> list[StoredState]:
        """Return the states of a policy: *at_most* so many; None: all."""

    @abstractmethod
    def save(self, states: Sequence[StoredState], ended: Sequence[StoredState] = ()) -> list[StoredState]:
        """Insert states with version 0, replace others, delete *ended*, and return *states* with new versions. Raises
        TransactionConflict if a row exists already, was deleted, or has another version."""

    @abstractmethod
    def delete(self, states: Sequence[StoredState]) -> None:
        """Delete them. Raises TransactionConflict if a row was deleted or has another version."""


class DueEvaluations(ABC):
    """At most one row for each server, watch and cause."""

    @abstractmethod
    def add(self, due: Sequence[DueEvaluation]) -> list[DueEvaluation]:
        """Store them, and return them with their versions. A stored one keeps its earlier *since* and *noted_at*, and
        the later *last_noted_at*."""

    @abstractmethod
    def of_watches(self, server_ids: Collection[ServerId] | None = None) -> list[DueEvaluation]:
        """Return all that are EDITED or OWED: of these servers, or (None) of any."""

    @abstractmethod
    def delete(self, due: Sequence[DueEvaluation]) -> bool:
        """Delete them, and tell whether all still had these versions."""


class Alerts(notifications.NotifiedAlerts):
    def add(self, alert: Alert) -> Alert:
        """Store a new one and return it with its id. Raises ConstraintViolated if its server was deleted."""
        return self.add_all([alert])[0]

    @abstractmethod
    def add_all(self, alerts: Sequence[Alert]) -> list[Alert]:
        """Store new ones in this order and return them with ids. Raises ConstraintViolated if a server was deleted."""

    def get(self, alert_id: AlertId, *, changed_by: Actor | None) -> Alert:
        """Return one, locked until the transaction ends. *changed_by* None: without a check. Raises NotFound, also if
        its server is invisible to the actor; Forbidden if they may only see it."""
        found = self.get_many([alert_id], changed_by=changed_by)
        if not found:
            raise NotFound(f"no alert {alert_id}")
        return found[alert_id]

    @abstractmethod
    def save_peaks(self, peaks: Mapping[AlertId, tuple[float, datetime]]) -> None:
        """Replace only peak_value and peak_at. Skips deleted alerts."""

    @abstractmethod
    def save_expected(self, expected: Mapping[AlertId, datetime | None]) -> None:
        """Replace only expected_at. Skips deleted alerts."""

    @abstractmethod
    def open(self, *, server_ids: Collection[ServerId] | None = None) -> list[Alert]:
        """Return the firing alerts in id order: all, or those of servers. Locked as by `get`."""

    def quiet(self, server_id: ServerId, key: WatchKey) -> Quiet:
        """Return what the quiet rule keeps of that server and watch, locked until the transaction ends."""
        return self.quiets([(server_id, key)])[server_id, key]

    @abstractmethod
    def quiets(self, watches: Collection[Watched]) -> dict[Watched, Quiet]:
        """Return, for each of *watches*, the same as `quiet`."""

    @abstractmethod
    def lasting(self, server_id: ServerId, since: datetime) -> list[Alert]:
        """Return a server's alerts that fire, or ended at *since* or later, in id order. Locked as by `get`."""

    def save_quiet(self, server_id: ServerId, key: WatchKey, quiet: Quiet) -> None:
        """Replace it. Raises ConstraintViolated if the server was deleted."""
        self.save_quiets({(server_id, key): quiet})

    @abstractmethod
    def save_quiets(self, quiets: Mapping[Watched, Quiet]) -> None:
        """Replace them. Raises ConstraintViolated if a server was deleted."""

    @abstractmethod
    def forget_quiet(self, before: datetime, at_most: int) -> None:
        """Delete *at_most* rows without an open alert whose last alert ended up to *before*."""


class Silences(ABC):
    @abstractmethod
    def add(self, silence: Silence) -> Silence:
        """Store a new one and return it with its id. Raises ConstraintViolated if its server was deleted."""

    @abstractmethod
    def get(self, silence_id: SilenceId, *, visible_to: Actor) -> Silence:
        """Return a silence that covers a server the actor may see; any for an administrator. Raises NotFound."""

    @abstractmethod
    def end(self, silence_id: SilenceId, at: datetime) -> None:
        """Let it end at *at*, and keep all else, also what is unreadable. Raises NotFound."""

    @abstractmethod
    def delete(self, silence_id: SilenceId) -> None:
        """Delete one. Skips an unknown one."""

    @abstractmethod
    def delete_before(self, at: datetime) -> None:
        """Delete those that ended before *at*."""

    @abstractmethod
    def all(self) -> list[Silence]:
        """Return all in id order."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertFilter:
    """Conditions on alerts, all of which must hold: start <= fired_at < end.

    *server_id*: with its checks and check-ins. *watched_id*: one server, check or check-in alone. *level*: the highest
    of the alert. *text*, *tag*: choose servers like a ServerFilter. *before*: the last id of the page before.
    """

    state: AlertState | None = None
    server_id: ServerId | None = None
    watched_id: ServerId | None = None
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
        """Tell whether it chooses *server*."""
        return (
            (self.server_id is None or self.server_id in server.own_ids)
            and self.watched_id in (None, server.id)
            and (self.tag is None or self.tag in server.tags)
            and (self.text is None or server.mentions(self.text))
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownAlert:
    alert: Alert
    server_name: str
    acknowledged_by: str | None


class FiredAlert(NamedTuple):
    """Alert as far as it is counted. *ended_at* None: it still fires."""

    id: AlertId
    server_id: ServerId
    policy_id: PolicyId | None
    fired_at: datetime
    ended_at: datetime | None
    is_acknowledged: bool
    verdict: Verdict | None
    started_at: datetime

    @property
    def span(self) -> Span:
        return Span(microseconds(self.fired_at), None if self.ended_at is None else microseconds(self.ended_at))


class Outage(NamedTuple):
    """Alert that a host is offline, or a check down. *ended_at* None: it still fires."""

    server_id: ServerId
    fired_at: datetime
    ended_at: datetime | None


class AlertQueries(ABC):
    @abstractmethod
    def newest(self, actor: Actor, wanted: AlertFilter) -> list[ShownAlert]:
        """Return alerts of servers the actor may see, by id, newest first. Raises NotFound for another server."""

    @abstractmethod
    def get(self, actor: Actor, alert_id: AlertId) -> tuple[ShownAlert, list[TimelineEntry]]:
        """Return an alert and its timeline, oldest first. Raises NotFound, also if the actor may not see its server."""

    @abstractmethod
    def firing_at(self, server_id: ServerId, at: datetime) -> list[Alert]:
        """Return the alerts of that server or check that fire at this moment, oldest first. The caller checks who
        may see it."""

    @abstractmethod
    def fired(self, of: VisibleIds, metric: str | None, start: datetime, end: datetime) -> list[FiredAlert]:
        """Return alerts *of* what is visible, and of *metric* (None: of any), with start <= fired_at < end."""

    @abstractmethod
    def outages(self, server_ids: Collection[ServerId], since: datetime) -> list[Outage]:
        """Return those of these servers and checks that last, or ended at *since* or later, oldest first."""

    @abstractmethod
    def awaiting_reminder(self, before: datetime) -> list[Alert]:
        """Return firing alerts, in id order, that are not acknowledged, not held, and last notified up to *before*.
        Not locked."""

    @abstractmethod
    def never_notified(self, before: datetime) -> list[Waiting]:
        """Return firing alerts, in id order, that are not acknowledged, not held, without a running escalation, and
        without a notification but DROPPED ones; PARKED ones do not count if it fired up to *before*. Not locked."""

    @abstractmethod
    def due(self, at: datetime) -> list[Waiting]:
        """Return held alerts that fall due up to *at*, in id order. Not locked."""

    @abstractmethod
    def due_steps(self, at: datetime) -> list[Waiting]:
        """Return alerts, not held, with a step of an escalation that is due up to *at*, the longest due first.
        Not locked."""

    @abstractmethod
    def acknowledged(self, before: datetime | None) -> list[Waiting]:
        """Return firing alerts, in id order, that were acknowledged up to *before*, or by deleted users. Not locked."""

    @abstractmethod
    def due_evaluations(self, last_noted: datetime, noted: datetime, at_most: int) -> list[DueEvaluation]:
        """Return what is to be evaluated anew: all that is EDITED, then what is LATE and was last noted up to
        *last_noted*, and all that was first noted up to *noted*, the oldest first. Not locked."""


class UnitOfWork(notifications.UnitOfWork):
    """Transaction on policies, alerts and silences, with the outbox for their notifications."""

    alert_policies: AlertPolicies
    alert_states: AlertStates
    alerts: Alerts
    due_evaluations: DueEvaluations
    silences: Silences


class Queries(notifications.Queries):
    alerts: AlertQueries
