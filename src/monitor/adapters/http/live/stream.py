"""One connection to the live stream, and the events that wait for it."""

import asyncio
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from monitor.application.accounts.authentication import Caller
from monitor.domain.alerts.alert import AlertId
from monitor.domain.fleet.servers import ServerId

KEEP_ALIVE_TICKS = 15
"""A comment goes out after this many ticks without events: proxies keep the connection, and a dead one is noticed."""
TICKS_TO_BEGIN = 30
ALIVE = b": alive\n\n"
Encoded = tuple[ServerId, bytes]
"""A server and an encoded body about it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """What a stream sends: *server_ids* (None: all), and with *brief* only the values that a list shows."""

    brief: bool = False
    server_ids: frozenset[ServerId] | None = None

    def holds(self, server_id: ServerId) -> bool:
        return self.server_ids is None or server_id in self.server_ids


class Stream:
    """Events that wait for one connection, only the newest of each server: a slow reader costs no memory."""

    def __init__(self, caller: Caller, scope: Scope) -> None:
        self.caller = caller
        self.scope = scope
        self.has_begun = False
        self._samples: dict[ServerId, bytes] = {}
        self._statuses: dict[ServerId, bytes] = {}
        self._silenced: dict[ServerId, bytes] = {}
        self._alerts: dict[AlertId, Encoded] = {}
        self.has_ended = False
        self._news = asyncio.Event()
        self._silent_ticks = 0

    def offer(
        self,
        samples: dict[ServerId, bytes],
        statuses: dict[ServerId, bytes],
        silenced: dict[ServerId, bytes],
        alerts: dict[AlertId, Encoded],
    ) -> None:
        self._samples |= samples
        self._statuses |= statuses
        self._silenced |= silenced
        self._alerts |= alerts
        self._silent_ticks += 1
        if self._samples or self._silenced or self._alerts or self._silent_ticks >= KEEP_ALIVE_TICKS:
            self.wake()

    def end(self) -> None:
        self.has_ended = True
        self.wake()

    @property
    def is_forsaken(self) -> bool:
        """True if its client left before the first byte."""
        return not self.has_begun and self._silent_ticks > TICKS_TO_BEGIN

    def wake(self) -> None:
        self._news.set()

    async def news(self) -> None:
        """Wait for something to send or to check."""
        await self._news.wait()
        self._news.clear()

    def take(self, is_in_scope: Callable[[ServerId], bool]) -> bytes:
        """Return all waiting events about servers in scope, or a comment. One piece, decided at one moment."""
        self._silent_ticks = 0
        samples, self._samples = self._samples, {}
        statuses, self._statuses = self._statuses, {}
        silenced, self._silenced = self._silenced, {}
        alerts, self._alerts = self._alerts, {}
        events = (
            ("status", statuses.items()),
            ("samples", samples.items()),
            ("silenced", silenced.items()),
            ("alerts", alerts.values()),
        )
        shown = [(name, [body for id_, body in held if is_in_scope(id_)]) for name, held in events]
        return b"".join(event(name, bodies) for name, bodies in shown if bodies) or ALIVE


def event(name: str, bodies: Iterable[bytes]) -> bytes:
    """Return a server-sent event; its data is a JSON list on one line."""
    return b"event: %s\ndata: [%s]\n\n" % (name.encode(), b",".join(bodies))
