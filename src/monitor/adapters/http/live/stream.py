"""The events of the live stream, and those that wait for one connection."""

import asyncio
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Literal, TypeVar

from msgspec import Struct, structs

from monitor.adapters.http.alerts.shown_alerts import ProcessOut
from monitor.adapters.http.edge.mapping import LevelName
from monitor.adapters.http.fleet.lists import BriefSample, StatusName, brief_sample
from monitor.application.accounts.authentication import Caller
from monitor.domain.alerts.alert import AlertId
from monitor.domain.fleet.servers import ServerId
from monitor.domain.intake.live import Live

KEEP_ALIVE_TICKS = 15
"""`alive` goes out after this many ticks without events: proxies keep the connection, and a dead one is noticed."""
TICKS_TO_BEGIN = 30
SAMPLES_AT_ONCE = 500
"""Encoding that many delays other requests by some milliseconds. The others are sent right after."""
ALIVE = b"event: alive\ndata: []\n\n"
V = TypeVar("V")
Encoded = tuple[ServerId, bytes]
"""A server and an encoded body about it."""


class LiveSample(BriefSample, frozen=True, kw_only=True):
    extra: dict[str, float]
    processes: list[ProcessOut]


def live_sample(server_id: ServerId, live: Live, clock_skew: int | None) -> LiveSample:
    sample, brief = live.sample, brief_sample(server_id, live, clock_skew)
    return LiveSample(
        **structs.asdict(brief),
        extra=dict(sample.extra or {}) if sample else {},
        processes=[ProcessOut(*process) for process in sample.processes] if sample else [],
    )


class StatusChange(Struct, frozen=True):
    server_id: int
    status: StatusName


class CountsChange(Struct, frozen=True):
    """Figures of all servers that one may see. *never_reported*: part of *offline_servers*. *silenced_servers*: those
    on which a silence acts now."""

    # In the order of `FleetCounts`.
    total_servers: int
    online_servers: int
    offline_servers: int
    never_reported: int
    alert_count: int
    silenced_servers: int


class AlertChange(Struct, frozen=True):
    """Alert that fired, changed its level, ended, or was put into an incident. Its ids: as in `AlertOut`."""

    id: int
    server_id: int | None
    check_id: int | None
    check_in_id: int | None
    metric: str
    level: LevelName
    state: Literal["firing", "resolved", "cancelled"]
    value: float
    peak_level: LevelName
    peak_value: float
    peak_at: str
    incident_id: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """What a stream sends: of which servers (None: all), and with *brief* only what a list shows.

    *counts*: also how many servers there are in all, and the alerts of all of them.
    """

    brief: bool = False
    server_ids: frozenset[ServerId] | None = None
    counts: bool = False

    def holds(self, server_id: ServerId) -> bool:
        return self.server_ids is None or server_id in self.server_ids

    def of(self, changed: Mapping[ServerId, V]) -> Mapping[ServerId, V]:
        """Return what *changed* of the servers that the stream is about."""
        if self.server_ids is None:
            return changed
        return {server_id: changed[server_id] for server_id in self.server_ids if server_id in changed}


class Stream:
    """Events that wait for one connection, only the newest of each server: a slow reader costs no memory.

    Of samples only the servers are kept. They are encoded when they are sent, with their values of that moment.
    """

    def __init__(self, caller: Caller, scope: Scope) -> None:
        self.caller = caller
        self.scope = scope
        self.has_begun = False
        self._samples: dict[ServerId, None] = {}
        self._statuses: dict[ServerId, bytes] = {}
        self._silenced: dict[ServerId, bytes] = {}
        self._alerts: dict[AlertId, Encoded] = {}
        self._counts: bytes | None = None
        self._known_counts: bytes | None = None
        self.has_ended = False
        self._news = asyncio.Event()
        self._silent_ticks = 0

    def begin_with(self, server_ids: Iterable[ServerId]) -> None:
        """Send the newest samples of these servers first."""
        self._samples = dict.fromkeys(server_ids) | self._samples

    def offer(
        self,
        samples: Mapping[ServerId, None],
        statuses: Mapping[ServerId, bytes],
        silenced: Mapping[ServerId, bytes],
        alerts: Mapping[AlertId, Encoded],
        counts: bytes | None = None,
    ) -> None:
        self._samples.update(samples)
        self._statuses.update(statuses)
        self._silenced.update(silenced)
        self._alerts.update(alerts)
        if counts != self._known_counts:
            self._counts = self._known_counts = counts
        self._silent_ticks += 1
        waiting = self._samples or self._silenced or self._alerts or self._counts
        if waiting or self._silent_ticks >= KEEP_ALIVE_TICKS:
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
        await asyncio.sleep(0)  # give others a turn even if there is news already
        await self._news.wait()
        self._news.clear()

    def take(self, is_visible: Callable[[ServerId], bool], encoded: Callable[[ServerId], bytes]) -> bytes:
        """Return waiting events about visible servers, or `alive`. More than SAMPLES_AT_ONCE samples are split."""
        self._silent_ticks = 0
        samples = list(islice(self._samples, SAMPLES_AT_ONCE))
        for server_id in samples:
            del self._samples[server_id]
        if self._samples:
            self.wake()
        statuses, self._statuses = self._statuses, {}
        silenced, self._silenced = self._silenced, {}
        alerts, self._alerts = self._alerts, {}
        counts, self._counts = self._counts, None
        scope = self.scope

        def is_shown(server_id: ServerId) -> bool:
            return scope.holds(server_id) and is_visible(server_id)

        is_alert_shown = is_visible if scope.counts else is_shown
        events = (
            ("counts", [] if counts is None else [counts]),
            ("status", [body for id_, body in statuses.items() if is_shown(id_)]),
            ("samples", [encoded(id_) for id_ in samples if is_shown(id_)]),
            ("silenced", [body for id_, body in silenced.items() if is_shown(id_)]),
            ("alerts", [body for id_, body in alerts.values() if is_alert_shown(id_)]),
        )
        return b"".join(event(name, bodies) for name, bodies in events if bodies) or ALIVE


def event(name: str, bodies: Iterable[bytes], revision: int | None = None) -> bytes:
    """Return a server-sent event; its data is a JSON list on one line. *revision*: of the fleet, as the event's id."""
    number = b"" if revision is None else b"id: %d\n" % revision
    return b"%sevent: %s\ndata: [%s]\n\n" % (number, name.encode(), b",".join(bodies))
