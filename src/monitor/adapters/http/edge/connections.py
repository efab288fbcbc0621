"""Which connections stay open when descriptors are few: idle unknown ones make room for new ones. See decision 20.

A connection is known once an agent's key or a user's token was accepted on it, or if it comes from a trusted proxy.
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
"""Connections kept free for unknown clients."""
SLICES = 10
"""Parts of a second in which the connections are checked in turn, so that no check delays the server for long."""
_TRIED = 50
"""Connections searched for an idle one, before a busy one is ended."""
_FRESH = 2
"""Checks: a new connection may still become known."""
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
    """One connection. *address*: of the client. *checks*: how often it was checked."""

    address: str
    checks: int

    @property
    def is_busy(self) -> bool:
        """Whether it waits for this server, or is known and still reads an answer."""

    def check(self) -> Cause | None:
        """Called once a second. If the client is too slow, end the connection and return why."""

    def abort(self) -> None:
        """End it at once."""


class Connections:
    """All connections of one process. Use it only on the event loop."""

    def __init__(self, per_address: int = PER_ADDRESS, trusted: Sequence[Network] = ()) -> None:
        """*per_address*: the most unknown connections of one client network."""
        self.most = 50_000
        """Set it to what the limit of descriptors allows, before the first connection."""
        self.second = 1.0
        self.ended = Counter[Cause]()
        self._per_address = per_address
        self._trusted = trusted
        self._known: dict[Peer, None] = {}
        self._unknown: dict[Peer, str] = {}
        """Both oldest first; the unknown ones with their client network."""
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
        """Add a connection. It may be ended at once if all others are known and busy."""
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
            self._schedule()

    def remove(self, peer: Peer) -> None:
        """Remove a connection, if it is there."""
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
        """Return the first that is not busy. Busy ones move to the end, or many streams would hide the idle ones."""
        for peer in list(islice(self._known, _TRIED)):
            if not peer.is_busy:
                return peer
            self._known[peer] = self._known.pop(peer)
        return None

    def _end(self, peer: Peer, cause: Cause) -> None:
        self.ended[cause] += 1
        self.remove(peer)
        peer.abort()

    def _schedule(self) -> None:
        self._timer = asyncio.get_running_loop().call_later(self.second / SLICES, self._check)

    def _check(self) -> None:
        self._timer = None
        if self._known or self._unknown:
            self._schedule()
        peers = list(self._slices[self._slice])
        self._slice = (self._slice + 1) % SLICES
        for peer in peers:
            if (cause := peer.check()) is not None:
                self.ended[cause] += 1
        if self._slice == 0:
            self._limit_addresses()

    def _limit_addresses(self) -> None:
        """End the oldest of too many: the newest may be another client behind the same router."""
        found = defaultdict[str, list[Peer]](list)
        for peer, address in self._unknown.items():
            if peer.checks >= _FRESH and not peer.is_busy:
                found[address].append(peer)
        for peers in found.values():
            for peer in peers[: -self._per_address]:
                self._end(peer, Cause.PER_ADDRESS)


def _one_of(peers: Iterable[Peer]) -> Peer | None:
    """Return the first that is not busy, or a busy one if many are."""
    tried = list(islice(peers, _TRIED))
    return next((peer for peer in tried if not peer.is_busy), next(iter(tried), None))


def expect(scope: Any, note: Callable[[], None]) -> None:
    """Call *note* when the client of this request is known."""
    scope[_KEY] = note


def expect_no_more(scope: Any) -> None:
    """Forget *note*: the connection has ended, and the request would keep it in memory."""
    if scope is not None:
        scope.pop(_KEY, None)


def note_known(scope: Any) -> None:
    """The client of this request has proved its identity."""
    note = scope.pop(_KEY, None)
    if note is not None:
        note()
