"""The servers that each person sees, in stretches that stay the same objects until one changes."""

import threading
from bisect import bisect_right
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice, repeat

from monitor.application.fleet.visibility import VisibleFleet
from monitor.domain.accounts.actors import UserId
from monitor.domain.fleet.servers import Server, ServerId, Status
from monitor.domain.intake.live import Live

LENGTH = 100
MOST_KEPT = 200_000
"""Servers in all stretches that are kept, each counted as often as it is there."""
_NEVER = Live()


@dataclass(frozen=True, slots=True, eq=False, weakref_slot=True)
class Stretch:
    """Some servers with their present state. *never_reported*: part of those that are not *online*."""

    servers: Sequence[Server]
    lives: Sequence[Live]
    clock_skews: Sequence[int | None]
    online: int
    never_reported: int

    @staticmethod
    def of(servers: Sequence[Server], lives: Sequence[Live], clock_skews: Sequence[int | None]) -> "Stretch":
        online = [live.status for live in lives].count(Status.ONLINE)
        never = [live.last_report_at for live in lives].count(None)
        return Stretch(servers, lives, clock_skews, online, never)


@dataclass(frozen=True, slots=True)
class _Seen:
    """*source*: what *servers* and *ids* are made of. It is replaced whole when it changes. *version*: of the fleet."""

    version: int
    source: Collection[Server | ServerId]
    servers: Sequence[Server]
    ids: Sequence[ServerId]
    stretches: Sequence[Stretch]


class Stretches:
    """Cache of the stretches of people who asked last. All administrators share theirs."""

    def __init__(self, at_most: int = MOST_KEPT) -> None:
        self._at_most = at_most
        self._held: dict[UserId | None, _Seen] = {}
        self._kept = 0
        self._keeping = threading.Lock()

    def of(
        self, visible: VisibleFleet, live: Mapping[ServerId, Live], clock_skew: Mapping[ServerId, int], version: int
    ) -> Sequence[Stretch]:
        """Return the same objects as before for servers without a change. *version*: rises with each change."""
        actor = visible.actor
        who = None if actor.is_admin else actor.user_id
        source = visible.directory.servers if actor.is_admin else visible.servers
        held = self._held.get(who)
        if held is None or held.source is not source:
            servers, before = list(visible.servers), () if held is None else held.stretches
            held = _Seen(version, source, servers, [server.id for server in servers], before)
        elif held.version == version:
            return held.stretches
        lives = list(map(live.get, held.ids, repeat(_NEVER)))
        skews = list(map(clock_skew.get, held.ids)) if clock_skew else [None] * len(lives)
        stretches = [
            _present(held, place, lives[begin : begin + LENGTH], skews[begin : begin + LENGTH])
            for place, begin in enumerate(range(0, len(lives), LENGTH))
        ]
        if len(stretches) > 1:  # a single one is made quickly
            self._keep(who, _Seen(version, held.source, held.servers, held.ids, stretches))
        return stretches

    def _keep(self, who: UserId | None, seen: _Seen) -> None:
        with self._keeping:
            self._drop(who)
            self._held[who] = seen  # at the end: the oldest entries go first
            self._kept += len(seen.ids)
            while self._kept > self._at_most and len(self._held) > 1:
                self._drop(next(iter(self._held)))

    def _drop(self, who: UserId | None) -> None:
        if (seen := self._held.pop(who, None)) is not None:
            self._kept -= len(seen.ids)


def _present(seen: _Seen, place: int, lives: Sequence[Live], clock_skews: Sequence[int | None]) -> Stretch:
    before = seen.stretches[place] if place < len(seen.stretches) else None
    servers = seen.servers[place * LENGTH : place * LENGTH + len(lives)]
    # Quick: what is equal is mostly the same object.
    if before is None or (before.servers, before.lives, before.clock_skews) != (servers, lives, clock_skews):
        return Stretch.of(servers, lives, clock_skews)
    return before


def page(
    live: Mapping[ServerId, Live], ids: Iterable[ServerId], after: int | None, limit: int | None
) -> list[ServerId]:
    """Return up to *limit* (None: all) of *ids* that have reported, in order, from the one after *after* on."""
    found: list[ServerId] = []
    ordered = sorted(ids)
    for id_ in islice(ordered, bisect_right(ordered, after or 0), None):
        if (held := live.get(id_)) is not None and held.sample is not None:
            found.append(id_)
            if len(found) == limit:
                break
    return found
