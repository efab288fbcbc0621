"""Send changes to the open streams: server-sent events, gathered for a second."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache, partial

import msgspec
import structlog

from monitor.adapters.http.alerts.shown_alerts import ids_of
from monitor.adapters.http.edge.mapping import shown
from monitor.adapters.http.fleet.lists import brief_sample
from monitor.adapters.http.live.stream import (
    ALIVE,
    AlertChange,
    CountsChange,
    Encoded,
    Scope,
    StatusChange,
    Stream,
    event,
    live_sample,
)
from monitor.adapters.http.policies.silenced import SilencedNews
from monitor.application.accounts.authentication import Authenticate, Caller
from monitor.application.accounts.limits import check_at_once
from monitor.application.alerts.evaluating.state_cache import TakeAlertNews
from monitor.application.alerts.lists import CountServers
from monitor.application.fleet.directory import EMPTY, Directory
from monitor.application.fleet.fleet import Fleet
from monitor.application.fleet.visibility import VisibleFleet
from monitor.application.ports import Clock
from monitor.domain.accounts.actors import UserId
from monitor.domain.accounts.limits import Quota, Quotas
from monitor.domain.alerts.alert import AlertId
from monitor.domain.errors import MonitorError, Overloaded, Unavailable
from monitor.domain.fleet.servers import ServerId, Status
from monitor.domain.intake.live import Live

log = structlog.get_logger()

TICK = 1.0
SESSION_TICK = 0.4
"""Seconds between two looks for ended sessions. With the time of a query and of the last events, a stream ends within a
second."""
MAX_STREAMS = 1000
_encode = msgspec.json.Encoder().encode


@dataclass(eq=False)
class LiveHub:
    """Each tick offers every changed server to each stream that is about it.

    A sample is encoded once for all streams (twice if some are brief), when the first of them sends it. With a hundred
    thousand servers no step may hold the event loop for long: what looks at all of them runs on another thread.
    """

    fleet: Fleet
    authenticate: Authenticate
    clock: Clock
    take_alert_news: TakeAlertNews
    quotas: Quotas
    count_servers: CountServers
    tick_seconds: float = TICK

    def __post_init__(self) -> None:
        self._streams: set[Stream] = set()
        self._statuses: dict[ServerId, Status] = {}
        self._encoded = cache(self._encode)
        self._silenced_news = SilencedNews()
        self._directory = EMPTY
        self._loop: asyncio.AbstractEventLoop | None = None
        self._tasks: list[asyncio.Task[None]] = []
        # A thread of its own: many log-ins take all others, and must not keep an ended session's stream open.
        self._session_thread = ThreadPoolExecutor(1, thread_name_prefix="live-sessions")
        self._closed = asyncio.Event()

    def start(self) -> None:
        self._loop = asyncio.get_running_loop()
        works = ((self._tick, TICK), (self._end_with_sessions, SESSION_TICK))
        self._tasks = [self._loop.create_task(self._run(*work)) for work in works]

    def end_streams(self) -> None:
        """End all streams at once, so that a shutdown does not wait. Call on the event loop."""
        self._closed.set()
        for stream in self._streams:
            stream.wake()

    def end_streams_soon(self) -> None:
        """End all streams, from a signal handler."""
        if self._loop is not None:
            self._loop.call_soon_threadsafe(self.end_streams)

    async def close(self) -> None:
        self.end_streams()
        await asyncio.gather(*self._tasks)
        self._session_thread.shutdown()

    @property
    def stream_count(self) -> int:
        return len(self._streams)

    def events(self, caller: Caller, scope: Scope) -> AsyncIterator[bytes]:
        """Yield everything, then changes, until the access token ends. Raises Overloaded, TooManyAtOnce."""
        if self.stream_count >= MAX_STREAMS:
            raise Overloaded
        own = sum(stream.caller.actor.user_id == caller.actor.user_id for stream in self._streams)
        check_at_once(self.quotas, Quota.STREAMS, own)
        stream = Stream(caller, scope)
        self._streams.add(stream)  # now, so that simultaneous requests are counted too
        return self._events(stream)

    async def _events(self, stream: Stream) -> AsyncIterator[bytes]:
        caller, scope, stream.has_begun = stream.caller, stream.scope, True
        self._streams.add(stream)
        try:
            yield b"retry: 2000\n\n"
            known: Directory | None = None
            while not self._closed.is_set():
                directory = self.fleet.directory
                revised = directory is not known  # a restored database may have the revision of before
                good: bool | None = not stream.has_ended
                if good and revised:
                    good = await self._is_still_good(caller)
                if good is None:
                    yield ALIVE
                    await stream.news()
                    continue
                if not good:
                    yield event("end", [])
                    return
                visible = VisibleFleet(directory, caller.actor)
                if revised:
                    ids, listed = await asyncio.to_thread(_listed, visible, scope)
                    if known is None:
                        stream.begin_with(ids)
                    known = directory
                    yield listed
                # Else it changed meanwhile: check the caller again before sending more.
                if self.fleet.directory is directory:
                    yield stream.take(visible.sees, partial(self._encoded, brief=scope.brief))
                    await stream.news()
        finally:
            self._streams.discard(stream)

    async def _is_still_good(self, caller: Caller) -> bool | None:
        """Return None if the database is away. Nothing new comes in then, so the stream waits."""
        try:
            await asyncio.to_thread(self.authenticate.by_claims, caller.claims, caller.actor.address or "")
        except Unavailable:
            return None
        except MonitorError:
            return False
        return True

    async def _run(self, work: Callable[[], Awaitable[None]], longest: float) -> None:
        while not self._closed.is_set():
            try:
                await work()
            except Exception as error:
                # The next one may succeed: a database that is away or changes its node needs no traceback.
                log.error("live tick failed", error=repr(error), exc_info=not isinstance(error, Unavailable))
            try:
                await asyncio.wait_for(self._closed.wait(), min(self.tick_seconds, longest))
            except TimeoutError:
                continue

    async def _end_with_sessions(self) -> None:
        held = {stream.caller.claims for stream in self._streams}
        if not held:
            return
        loop, find_ended = asyncio.get_running_loop(), self.authenticate.ended
        try:
            ended = await loop.run_in_executor(self._session_thread, find_ended, held)
        except Unavailable:  # unknown then; expired tokens still end
            ended = {claims for claims in held if claims.expires_at <= self.clock.now()}
        for stream in self._streams:
            if stream.caller.claims in ended:
                stream.end()

    async def _tick(self) -> None:
        self._streams -= {stream for stream in self._streams if stream.is_forsaken}
        if self.fleet.is_stale:
            await asyncio.to_thread(self.fleet.refresh)
        alerts = await self._alert_news()
        silenced = await self._silenced()
        moved, statuses = await asyncio.to_thread(self._moved)
        counts = await self._counts()
        self._encoded.cache_clear()
        revised = self.fleet.directory is not self._directory
        self._directory = self.fleet.directory
        samples = cache(lambda scope: dict.fromkeys(scope.of(moved)))
        for stream in self._streams:
            scope = stream.scope
            counted = counts.get(_who(stream)) if scope.counts else None
            stream.offer(samples(scope), scope.of(statuses), scope.of(silenced), alerts, counted)
            if revised:
                stream.wake()

    def _moved(self) -> tuple[dict[ServerId, Status], dict[ServerId, bytes]]:
        """Return the servers that have news, with their statuses, and bodies for the statuses that changed."""
        changed = self.fleet.take_changed() - self.fleet.directory.checks.keys()
        live = self.fleet.live
        moved = {id_: held.status for id_ in changed if (held := live.get(id_)) is not None}
        known = self._statuses
        statuses = {
            id_: _encode(StatusChange(id_, status.value))
            for id_, status in moved.items()
            if known.get(id_) not in (None, status)
        }
        known.update(moved)
        return moved, statuses

    async def _counts(self) -> dict[UserId | None, bytes]:
        """Return the counts for the streams that want them, once for each that sees others."""
        actors = {_who(stream): stream.caller.actor for stream in self._streams if stream.scope.counts}
        if not actors:
            return {}
        counted = await asyncio.to_thread(self.count_servers.for_each, [*actors.values()])
        return {who: _encode(CountsChange(*counts)) for who, counts in zip(actors, counted, strict=True)}

    async def _alert_news(self) -> dict[AlertId, Encoded]:
        news = self.take_alert_news
        if not self._streams:
            news.drop()
        if not news.is_any:
            return {}
        try:
            alerts = await asyncio.to_thread(news)
        except Unavailable:  # sent once the database is back
            return {}
        present = (alert.present(self.fleet.live.get(alert.server_id), self.clock.now()) for alert in alerts)
        watched = self.fleet.directory.watched
        return {
            alert.id: (
                alert.server_id,
                _encode(shown(AlertChange, alert, **ids_of(alert.server_id, watched(alert.server_id)))),
            )
            for alert in present
        }

    async def _silenced(self) -> dict[ServerId, bytes]:
        """Return the servers whose silence changed. The rows that a screen requests show the present state."""
        if not self._streams:
            return {}
        news = await asyncio.to_thread(self._silenced_news, self.fleet.directory, self.clock.now())
        return {ServerId(change.server_id): _encode(change) for change in news}

    def _encode(self, server_id: ServerId, brief: bool) -> bytes:
        live, clock_skew = self.fleet.live.get(server_id, Live()), self.fleet.clock_skew.get(server_id)
        return _encode((brief_sample if brief else live_sample)(server_id, live, clock_skew))


def _who(stream: Stream) -> UserId | None:
    """Return None for all administrators, who see the same."""
    actor = stream.caller.actor
    return None if actor.is_admin else actor.user_id


def _listed(visible: VisibleFleet, scope: Scope) -> tuple[list[ServerId], bytes]:
    """Return the servers that a stream is about, and the event that lists them."""
    ids = visible.server_ids
    if scope.server_ids is not None:
        ids = [server_id for server_id in ids if server_id in scope.server_ids]
    return ids, event("servers", map(_encode, ids), visible.directory.revision)
