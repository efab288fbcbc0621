"""How many servers a person sees, how many of them report, and pages of them."""

from collections import Counter
from collections.abc import Iterable
from typing import NamedTuple

from monitor.application.fleet.directory import Directory
from monitor.application.fleet.fleet import Fleet
from monitor.application.fleet.visibility import VisibleFleet
from monitor.domain.accounts.actors import Actor, UserId
from monitor.domain.fleet.servers import ServerId, Status
from monitor.domain.intake.live import Live

_NEVER = Live()


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
    live = fleet.live
    lives = [live.get(server_id, _NEVER) for server_id in VisibleFleet(fleet.directory, actor).server_ids]
    online = sum(held.status is Status.ONLINE for held in lives)
    return Counts(len(lives), online, sum(held.last_report_at is None for held in lives))


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
    ids = sorted(server_id for server_id in visible.server_ids if server_id > least)
    reported: list[ServerId] = []
    for server_id in ids:
        held = live.get(server_id)
        if held is not None and held.sample is not None:
            reported.append(server_id)
            if len(reported) == limit:
                break
    return reported
