"""How many servers a person sees, how many of them report, and pages of them."""

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable
from itertools import islice
from typing import NamedTuple

from monitor.application.fleet.directory import Directory
from monitor.application.fleet.fleet import Fleet
from monitor.application.fleet.visibility import VisibleFleet
from monitor.domain.accounts.actors import Actor, UserId
from monitor.domain.fleet.servers import ServerId


class Counts(NamedTuple):
    """*never_reported*: part of *offline*."""

    total: int
    online: int
    never_reported: int

    @property
    def offline(self) -> int:
        return self.total - self.online


def count(fleet: Fleet, actor: Actor) -> Counts:
    """Count the servers that the actor may see."""
    seen = fleet.seen_by(actor)
    return Counts(
        total=sum(len(stretch.servers) for stretch in seen),
        online=sum(stretch.online for stretch in seen),
        never_reported=sum(stretch.never_reported for stretch in seen),
    )


class Tally:
    """How many of *server_ids*, of servers and checks, each as often as it is there, each person sees.

    Counted once for all people.
    """

    def __init__(self, directory: Directory, server_ids: Iterable[ServerId]) -> None:
        self._total = 0
        self._of_users: Counter[UserId] = Counter()
        for server_id in server_ids:
            if (server := directory.watched(server_id)) is not None:
                self._total += 1
                self._of_users.update(server.people)

    def of(self, actor: Actor) -> int:
        return self._total if actor.is_admin else self._of_users[actor.user_id]


def page(fleet: Fleet, visible: VisibleFleet, after: int | None, limit: int | None) -> list[ServerId]:
    """Return up to *limit* (None: all) servers that have reported, by id from *after* on, that are visible."""
    live, least = fleet.live, after or 0
    ids = sorted(visible.server_ids)
    reported: list[ServerId] = []
    for server_id in islice(ids, bisect_right(ids, least), None):
        held = live.get(server_id)
        if held is not None and held.sample is not None:
            reported.append(server_id)
            if len(reported) == limit:
                break
    return reported
