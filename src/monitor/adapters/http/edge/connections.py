"""Who may stay connected. Descriptors are few: those who say nothing give way to whoever comes, and never the reverse.

Known is whoever has proved who they are over this connection, with an agent's key or a person's token, and a trusted
proxy. See decision 20.
"""

import asyncio
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from enum import StrEnum
from itertools import islice
from typing import Any, Protocol

from monitor.adapters.http.edge.client_address import Network, is_in
from monitor.domain.accounts.limits import client_network

PER_ADDRESS = 100
ROOM = 16
"""Connections that are always left for who is not known yet."""
SLICES = 10
"""Each connection is looked at once a second, in one of so many parts of it: no look holds the server up for long."""
_TRIED = 50
"""Connections that are tried before one is ended that this server is about to answer."""
_FRESH = 2
"""Looks: who came just now may still prove who they are."""
_KEY = "monitor.peer"


class Cause(StrEnum):
    """Why this server ended a connection."""

    ROOM = "room"
    PER_ADDRESS = "per_address"
    SILENT = "silent"
    SLOW_HEAD = "slow_head"
    SLOW_BODY = "slow_body"
    UNREAD = "unread"


class Peer(Protocol):
    """One connection. *address*: of its other side. *looks*: how often it was looked at."""

    address: str
    looks: int

    @property
    def is_busy(self) -> bool:
        """Whether it waits for this server, or is known and still reads its answer."""

    def look(self) -> Cause | None:
        """Once a second. It ends where it is late, and says why."""

    def abort(self) -> None:
        """End it at once."""


class Connections:
    """All of one process, on its event loop alone."""

    def __init__(self, per_address: int = PER_ADDRESS, trusted: Sequence[Network] = ()) -> None:
        """*per_address*: connections that are not known."""
        self.most = 50_000
        """To be set, before anybody connects, to what the limit of descriptors allows."""
        self.second = 1.0
        self.ended = Counter[Cause]()
        self._per_address = per_address
        self._trusted = trusted
        self._known: dict[Peer, None] = {}
        self._unknown: dict[Peer, str] = {}
        """Both oldest first; of the unknown, whom they count for."""
        self._slices: list[set[Peer]] = [set() for _ in range(SLICES)]
        self._made = 0
        self._slice = 0
        self._timer: asyncio.TimerHandle | None = None

    @property
    def known(self) -> int:
        return len(self._known)

    @property
    def unknown(self) -> int:
        return len(self._unknown)

    def add(self, peer: Peer) -> None:
        """It may be ended at once where all others are known and busy."""
        if self._trusted and is_in(peer.address, self._trusted):
            self._known[peer] = None
        else:
            self._unknown[peer] = client_network(peer.address)
        self._made += 1
        self._slices[self._made % SLICES].add(peer)
        if self.unknown > self.most * 9 // 10 or self.known + self.unknown > self.most:
            older = islice(self._unknown, max(0, self.unknown - 1))
            self._end(_one_of(older) or self._idle_known() or peer, Cause.ROOM)
        if self._timer is None:
            self._look_soon()

    def remove(self, peer: Peer) -> None:
        """Also where it is removed already."""
        self._known.pop(peer, None)
        self._unknown.pop(peer, None)
        for part in self._slices:
            part.discard(peer)

    def knows(self, peer: Peer) -> bool:
        return peer in self._known

    def note_known(self, peer: Peer) -> None:
        if peer not in self._unknown:
            return
        if self.known >= self.most - ROOM and (idle := self._idle_known()) is not None:
            self._end(idle, Cause.ROOM)  # it comes back with its next request
        del self._unknown[peer]
        self._known[peer] = None

    def _idle_known(self) -> Peer | None:
        """The first that is not busy. Busy ones go to the end: else many live streams would hide all that are idle."""
        for peer in list(islice(self._known, _TRIED)):
            if not peer.is_busy:
                return peer
            self._known[peer] = self._known.pop(peer)
        return None

    def _end(self, peer: Peer, cause: Cause) -> None:
        self.ended[cause] += 1
        self.remove(peer)
        peer.abort()

    def _look_soon(self) -> None:
        self._timer = asyncio.get_running_loop().call_later(self.second / SLICES, self._look)

    def _look(self) -> None:
        self._timer = None
        if self._known or self._unknown:
            self._look_soon()
        peers = list(self._slices[self._slice])
        self._slice = (self._slice + 1) % SLICES
        for peer in peers:
            if (cause := peer.look()) is not None:
                self.ended[cause] += 1
        if self._slice == 0:
            self._limit_addresses()

    def _limit_addresses(self) -> None:
        """Those of many that came first give way: who came last may be another one behind the same router."""
        found = defaultdict[str, list[Peer]](list)
        for peer, address in self._unknown.items():
            if peer.looks >= _FRESH and not peer.is_busy:
                found[address].append(peer)
        for peers in found.values():
            for peer in peers[: -self._per_address]:
                self._end(peer, Cause.PER_ADDRESS)


def _one_of(peers: Iterable[Peer]) -> Peer | None:
    """The first that is not busy; one that is, where many are."""
    tried = list(islice(peers, _TRIED))
    return next((peer for peer in tried if not peer.is_busy), next(iter(tried), None))


def expect(scope: Any, note: Callable[[], None]) -> None:
    """*note* is called once whoever sent this request has proved who they are."""
    scope[_KEY] = note


def expect_no_more(scope: Any) -> None:
    """Its connection has ended, and would be held by it."""
    if scope is not None:
        scope.pop(_KEY, None)


def note_known(scope: Any) -> None:
    """Whoever sent this request has proved who they are."""
    note = scope.pop(_KEY, None)
    if note is not None:
        note()
