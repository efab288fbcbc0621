"""Simulated fleets of a thousand hosts in forty racks."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from random import Random
from typing import NamedTuple

from monitor.domain.accounts.actors import UserId
from monitor.domain.alerts.alert import AlertId, EventKind, IncidentId
from monitor.domain.fleet.servers import ServerId
from monitor.domain.incidents.causes import CauseKind, Group, groups_of
from monitor.domain.incidents.grouping import grouped
from monitor.domain.incidents.incidents import Ill, Incident
from monitor.domain.incidents.messages import Received, amending
from monitor.domain.levels import Level
from monitor.domain.notifications.outbox import SEND, Decision, Notification, Target
from monitor.domain.policies.policies import OFFLINE

RACKS, IN_RACK = 40, 25
DATABASE, FIRST_SWITCH = ServerId(2000), 2001
START = datetime(2026, 3, 1, tzinfo=UTC)
WAIT = timedelta(seconds=9)
"""After which a new alert is grouped."""
PAUSE = timedelta(seconds=10)
"""After which it is notified of, together with what else is due within as long."""


class Failure(NamedTuple):
    """*group*: what its hosts have in common; None: nothing. *lasts*: seconds in which they fall. *parent_id*: what
    they depend on, which falls too."""

    group: Group | None
    lasts: float
    parent_id: ServerId | None = None


class Fleet:
    """Racks are tags; four hang on a switch; a fifth of the hosts uses a database; releases are tags too."""

    def __init__(self, seed: int) -> None:
        self.random = random = Random(seed)  # noqa: S311 (no secret)
        self.groups: dict[ServerId, set[Group]] = {}
        self.parents: dict[ServerId, frozenset[ServerId]] = {}
        for number in range(RACKS * IN_RACK):
            id_, rack = ServerId(number + 1), number // IN_RACK
            tags = [f"rack-{rack}", random.choice(["web", "api", "batch", "cache"]), f"v{random.randrange(12)}"]
            parents = {ServerId(FIRST_SWITCH + rack // 4), *([DATABASE] if random.random() < 0.2 else [])}
            self.parents[id_] = frozenset(parents)
            address = f"10.0.{rack // 2}.{number % 250 + 1}"
            self.groups[id_] = groups_of(tags, address, [(CauseKind.SERVER, each) for each in parents])
        for number in range(RACKS // 4):
            self.groups[ServerId(FIRST_SWITCH + number)] = groups_of(["switch"], f"10.1.{number}.1", [])
        self.groups[DATABASE] = groups_of(["database"], "10.2.0.1", [])

    def sick(self, failure: Failure) -> list[ServerId]:
        """Nine of ten or more: some survive, and what they depend on is watched in half of the fleets."""
        lost = self.random.uniform(0.9, 1)
        if failure.group is None:
            return self.random.sample([*self.groups], 40)
        own = [each for each, groups in self.groups.items() if failure.group in groups and self.random.random() < lost]
        is_watched = failure.parent_id is not None and self.random.random() < 0.5
        return own + ([failure.parent_id] if is_watched and failure.parent_id is not None else [])

    def alerts(self, failure: Failure, sick: Iterable[ServerId]) -> list[Ill]:
        """Return those of the failure, and up to eight within ten minutes by coincidence."""
        times = {each: self.random.uniform(300, 300 + failure.lasts) for each in sick}
        for each in self.random.sample([*self.groups], self.random.randrange(9)):
            times.setdefault(each, self.random.uniform(0, 600))
        return [
            Ill(AlertId(number), each, START + timedelta(seconds=times[each]), each, is_down=True)
            for number, each in enumerate(sorted(times, key=times.__getitem__), 1)
        ]


class Gathering:
    """Alerts that the job has put into incidents until now. *of*: the incident of each alert."""

    def __init__(self, fleet: Fleet, alerts: Iterable[Ill]) -> None:
        self._fleet, self._left = fleet, [*alerts]
        self.found: dict[IncidentId, Incident] = {}
        self.of: dict[AlertId, IncidentId] = {}

    @property
    def due_at(self) -> datetime | None:
        return self._left[0].fired_at + WAIT if self._left else None

    def gather(self, now: datetime) -> list[Ill]:
        """Group what has fired, and return it."""
        new = [each for each in self._left if each.fired_at <= now]
        self._left = self._left[len(new) :]
        opened = sorted(self.found.values(), key=lambda each: (each.started_at, each.id))
        result = grouped(new, opened, self._fleet.groups, self._fleet.parents)
        ids = [incident.id or IncidentId(alert_ids[0]) for incident, alert_ids in result.incidents]
        for id_, (incident, alert_ids) in zip(ids, result.incidents, strict=True):
            self.found[id_] = replace(incident, id=id_)
            self.of |= dict.fromkeys(alert_ids, id_)
        for gone, place in result.merged.items():
            del self.found[gone]
            self.of |= {alert_id: ids[place] for alert_id, id_ in self.of.items() if id_ == gone}
        return new


def incidents(fleet: Fleet, alerts: list[Ill]) -> dict[IncidentId, Incident]:
    """Group alerts as the job does."""
    gathering = Gathering(fleet, alerts)
    while (now := gathering.due_at) is not None:
        gathering.gather(now)
    return gathering.found


def messages(fleet: Fleet, alerts: list[Ill]) -> set[str]:
    """Return the messages about the largest incident to a person who is notified of everything, at one level."""
    gathering, now = Gathering(fleet, alerts), START
    waiting, sent = list[Notification](), list[Notification]()
    while waiting or gathering.due_at is not None:
        now += timedelta(seconds=1)
        if gathering.due_at is not None and gathering.due_at <= now:
            waiting += [_notification(each) for each in gathering.gather(now)]
        if any(n.not_before <= now for n in waiting):
            due = [n for n in waiting if n.not_before <= now + PAUSE]
            waiting = [n for n in waiting if n not in due]
            got = _received(gathering, sent)
            of = {n: got[gathering.of[n.alert_id or AlertId(0)]] for n in due}
            decided = [
                (n, amending(n, n.server_id, of[n], now, lasts=True, reminder_pause=timedelta(hours=4))) for n in due
            ]
            waiting += [n.settled(each) for n, each in decided if each.decision is Decision.WAIT]
            sent += [replace(n.sent(now), message_id=str(now)) for n, each in decided if each == SEND]
    most = max(gathering.found, key=lambda each: len(gathering.found[each].hosts))
    return {n.message_id for n in sent if gathering.of[n.alert_id or AlertId(0)] == most}


def _received(gathering: Gathering, sent: list[Notification]) -> dict[IncidentId, Received]:
    """Return what the person has got of each incident."""
    of: dict[IncidentId, list[Notification]] = {each: [] for each in gathering.found}
    for n in sent:
        of[gathering.of[n.alert_id or AlertId(0)]].append(n)
    return {id_: Received.of(known, lambda host_id: host_id) for id_, known in of.items()}


def _notification(ill: Ill) -> Notification:
    return Notification(
        alert_id=ill.alert_id,
        event_id=None,
        event_kind=EventKind.FIRED,
        target=Target(user_id=UserId(1)),
        server_id=ill.host_id,
        server_name="",
        ip_address="",
        metric=OFFLINE,
        level=Level.CRITICAL,
        value=None,
        created_at=ill.fired_at,
        not_before=ill.fired_at + PAUSE,
    )
