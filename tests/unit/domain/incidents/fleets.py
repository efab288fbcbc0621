"""Simulated fleets of a thousand hosts in forty racks."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from random import Random
from typing import NamedTuple

from monitor.domain.alerts.alert import AlertId, IncidentId
from monitor.domain.fleet.servers import ServerId
from monitor.domain.incidents.causes import CauseKind, Group, groups_of
from monitor.domain.incidents.grouping import grouped
from monitor.domain.incidents.incidents import Ill, Incident

RACKS, IN_RACK = 40, 25
DATABASE, FIRST_SWITCH = ServerId(2000), 2001
START = datetime(2026, 3, 1, tzinfo=UTC)
WAIT = timedelta(seconds=9)
"""After which a new alert is grouped."""


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


def incidents(fleet: Fleet, alerts: list[Ill]) -> dict[IncidentId, Incident]:
    """Group alerts as the job does."""
    found, left = dict[IncidentId, Incident](), [*alerts]
    while left:
        now = left[0].fired_at + WAIT
        new = [each for each in left if each.fired_at <= now]
        left = left[len(new) :]
        opened = sorted(found.values(), key=lambda each: (each.started_at, each.id))
        result = grouped(new, opened, fleet.groups, fleet.parents)
        for incident, alert_ids in result.incidents:
            id_ = incident.id or IncidentId(alert_ids[0])
            found[id_] = replace(incident, id=id_)
        for gone in result.merged:
            del found[gone]
    return found
