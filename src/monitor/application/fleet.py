"""The fleet as this process keeps it in memory, so that neither intake nor the dashboard costs a query.

`Directory` (servers, keys, links) is replaced as a whole whenever the database's fleet revision has moved; `Live`
(the newest sample and the status of each server) is updated by the intake's writer, and by what other processes tell.
"""

import threading
from collections.abc import Collection, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta

from monitor.application import tiers
from monitor.application.fair_lock import FairLock
from monitor.application.ports.queries import FleetSnapshot, Queries
from monitor.application.ports.unit_of_work import UnitOfWork
from monitor.domain.actors import Actor, Role, UserId
from monitor.domain.alert_engine import microseconds, moment
from monitor.domain.api_keys import ApiKey, ApiKeyId
from monitor.domain.by_scope import ByScope
from monitor.domain.channels import Channel, ChannelId
from monitor.domain.errors import ForeignAddress, InvalidApiKey, InvalidInput, NotFound, Problem, UnknownHost
from monitor.domain.history.frames import Frame
from monitor.domain.intervals import TIMES_NEEDED
from monitor.domain.live import Heard, Live, of_server, with_heard, with_report, with_sample
from monitor.domain.policies import Policy, applicable
from monitor.domain.preferences import Preferences
from monitor.domain.samples import Sample
from monitor.domain.servers import Server, ServerId, Status, canonical_ip
from monitor.domain.silences import Silence
from monitor.domain.silencing import Silencing
from monitor.domain.users import User


@dataclass(frozen=True, slots=True)
class Directory:
    revision: int
    servers: Mapping[ServerId, Server]
    by_address: Mapping[str, Server]
    keys: Mapping[bytes, ApiKey]
    users: Mapping[UserId, User]
    policies: Sequence[Policy]
    policies_by_scope: ByScope[Policy]
    silences: Sequence[Silence]
    silences_by_scope: ByScope[Silence]
    silencing: Silencing
    channels: Mapping[ChannelId, Channel]
    preferences: Preferences
    samples_kept: timedelta
    owners_of_all: Collection[UserId | None]
    """Whose keys reach every server: administrators', and those without an owner, which were an administrator's and
    reach what they always did (`DeleteUser` revokes the others)."""
    servers_of: Mapping[UserId, Sequence[Server]]
    """Those linked to each user."""

    @staticmethod
    def of(snapshot: FleetSnapshot, before: "Directory | None" = None) -> "Directory":
        """*before*: the one that it replaces."""
        preferences = Preferences.of(snapshot.preferences)
        servers_of: dict[UserId, list[Server]] = {}
        for server in snapshot.servers:
            for user_id in server.user_ids:
                servers_of.setdefault(user_id, []).append(server)
        return Directory(
            revision=snapshot.revision,
            servers={server.id: server for server in snapshot.servers},
            by_address={server.ip_address: server for server in snapshot.servers},
            keys={key.digest: key for key in snapshot.api_keys},
            users=dict(snapshot.users),
            policies=snapshot.policies,
            policies_by_scope=ByScope(snapshot.policies),
            silences=snapshot.silences,
            silences_by_scope=ByScope(snapshot.silences),
            silencing=Silencing(snapshot.silences, before.silencing if before is not None else None),
            channels={channel.id: channel for channel in snapshot.channels},
            preferences=preferences,
            samples_kept=preferences.samples_kept,
            owners_of_all={None, *(id_ for id_, user in snapshot.users.items() if user.role is Role.ADMIN)},
            servers_of=servers_of,
        )

    def is_silenced(self, server_id: ServerId, metric: str, now: datetime) -> bool:
        server = self.servers.get(server_id)
        return server is not None and self.silencing.is_silenced(server, metric, now)

    def visible(self, actor: Actor) -> Collection[Server]:
        if actor.is_admin:
            return self.servers.values()
        return self.servers_of.get(actor.user_id, ())

    def policies_for(self, server: Server) -> Mapping[str, Policy]:
        """By metric, those that apply to *server* and are not switched off there."""
        return applicable(self.policies_by_scope.covering(server), server)

    def chosen(self, actor: Actor, server_ids: Iterable[ServerId]) -> list[Server]:
        """In this order. Raises NotFound where the actor may not see one of them."""
        found = [self.servers.get(server_id) for server_id in server_ids]
        seen = [server for server in found if server is not None and server.is_visible_to(actor)]
        if len(seen) < len(found):
            raise NotFound
        return seen

    def key(self, digest: bytes) -> ApiKey:
        """Raises InvalidApiKey."""
        key = self.keys.get(digest)
        if key is None or (key.server_id is not None and key.server_id not in self.servers):
            raise InvalidApiKey
        return key

    def server_for(self, key: ApiKey, ip_address: str | None) -> Server:
        """Whose samples these are.

        Raises ForeignAddress (a server's own key with another address), InvalidInput (no or no good address), and
        UnknownHost where the key reaches no server with it.
        """
        if key.server_id is not None:
            server = self.servers[key.server_id]
            if ip_address not in (None, server.ip_address) and canonical_ip(ip_address or "") != server.ip_address:
                raise ForeignAddress
            return server
        if ip_address is None:
            raise InvalidInput({"ip_address": Problem("required")})
        found = self.by_address.get(ip_address) or self.by_address.get(canonical_ip(ip_address))
        if found is None or not (key.owner_id in self.owners_of_all or key.owner_id in found.user_ids):
            raise UnknownHost
        return found


_EMPTY = Directory(
    revision=-1,
    servers={},
    by_address={},
    keys={},
    users={},
    policies=(),
    policies_by_scope=ByScope(()),
    silences=(),
    silences_by_scope=ByScope(()),
    silencing=Silencing(()),
    channels={},
    preferences=Preferences(),
    samples_kept=Preferences().samples_kept,
    owners_of_all=(),
    servers_of={},
)
_LEARNED_WITHIN = timedelta(days=8)
_SYSTEM = Actor(user_id=UserId(0), username="monitor", role=Role.ADMIN)


class Fleet:
    """Shared by all threads. Readers take `directory` and `live` as they are: entries are immutable and replaced whole.

    *writing* is held by whoever decides a server's status and stores it, so that a report and its absence are never
    both believed. Intake waits for it: whoever has much to decide gives it back again and again.
    """

    def __init__(self, queries: Queries) -> None:
        self._queries = queries
        self._reload = threading.Lock()
        self._noting = threading.Lock()
        self._committed: object = object()
        self._loaded: object = None
        self.writing = FairLock()
        self.directory = _EMPTY
        self.live: dict[ServerId, Live] = {}
        self.key_used: dict[ApiKeyId, datetime] = {}
        self.interrupted_at: datetime | None = None
        """When this process last could take no reports, though it ran: the database was away, or it was stopped."""
        self.clock_skew: dict[ServerId, int] = {}
        """Of servers whose clock was off when they last reported; see `domain.samples.clock_skew`."""
        self._changed: set[ServerId] = set()
        self._untold: set[ServerId] | None = None

    @property
    def is_stale(self) -> bool:
        """Whether this process has committed changes that `directory` lacks."""
        return self._loaded is not self._committed

    def mark_stale(self) -> None:
        """Call after the commit."""
        self._committed = object()

    def refresh(self) -> None:
        """What this process committed is seen by the next reader. Raises StorageUnavailable."""
        if self.is_stale:
            with self._reload:
                if self.is_stale:
                    self._load()

    def poll(self) -> None:
        """Follow what other processes committed. Raises StorageUnavailable."""
        with self._reload:
            if self._queries.fleet.revision() != self.directory.revision:
                self._load()

    def _load(self) -> None:
        committed = self._committed  # before reading: what is committed during the read is still to be loaded
        latest = self._queries.samples.latest() if self.directory is _EMPTY else ()
        directory = Directory.of(self._queries.fleet.snapshot(), self.directory)
        with self.writing:
            live = {server.id: self.live.get(server.id) or of_server(server) for server in directory.servers.values()}
            for sample in latest:
                if (held := live.get(sample.server_id)) is not None:
                    live[sample.server_id] = with_sample(held, sample)
            self.live, self.directory = live, directory
        for server_id in list(self.clock_skew):
            if server_id not in live:
                self.clock_skew.pop(server_id, None)
        self._loaded = committed  # last: until then whoever asks waits for this load

    def last_time(self, server_id: ServerId, metric: str, *, since: datetime) -> datetime | None:
        """Of its samples that have *metric*, the newest one that memory holds being the last. Raises
        StorageUnavailable."""
        newest = self.live[server_id].sample
        if newest is None:
            return None
        found = self.history(server_id, [metric], since, newest.recorded_at)
        times = [at for at, value in zip(found.times, found.column(metric), strict=True) if value is not None]
        return moment(times[-1]) if times else None

    def history(self, server_id: ServerId, metrics: Sequence[str], start: datetime, end: datetime) -> Frame:
        """Return the stored samples of start <= recorded_at < end. Raises NotFound, StorageUnavailable."""
        return tiers.frame(self._queries, _SYSTEM, server_id, start, end, metrics)

    def recent_times(self, uow: UnitOfWork, server_id: ServerId, until: datetime) -> list[int]:
        """Return the times (microseconds, rising) of the last samples up to *until*: enough to learn an interval.

        Those that are sealed already are looked for in the eight days before. Raises StorageUnavailable.
        """
        times = [microseconds(at) for at in uow.samples.recent_times(server_id, until, TIMES_NEEDED)]
        if len(times) < TIMES_NEEDED:
            end = until + timedelta(microseconds=1)
            with suppress(NotFound):  # deleted meanwhile
                sealed = self.history(server_id, (), end - _LEARNED_WITHIN, end).times
                times = sorted({*sealed, *times})[-TIMES_NEEDED:]
        return times

    def record(self, samples: Sequence[Sample]) -> None:
        """Samples that were stored, or were already: each is a report. Call while holding *writing*."""
        live = self.live
        for sample in samples:
            held = live.get(sample.server_id)
            if held is not None:
                live[sample.server_id] = with_report(held, sample)
        self._note({sample.server_id for sample in samples})

    def hear(self, heard: Iterable[Heard]) -> set[ServerId]:
        """What other processes know. Gives those servers whose newest sample is another now. Call while holding
        *writing*."""
        changed, moved = set(), set()
        for news in heard:
            held = self.live.get(news.server_id)
            if held is None or (after := with_heard(held, news)) is held:
                continue
            self.live[news.server_id] = after
            changed.add(news.server_id)
            if after.sample is not held.sample:
                moved.add(news.server_id)
        self._note(changed, is_told=True)
        return moved

    def note_clock(self, server_id: ServerId, skew: int | None, *, is_told: bool = False) -> None:
        """*skew*: None where the clock is right, or nothing is known of it. *is_told*: by another process."""
        if skew == self.clock_skew.get(server_id):
            return
        if skew is None:
            self.clock_skew.pop(server_id, None)
        else:
            self.clock_skew[server_id] = skew
        self._note((server_id,), is_told=is_told)

    def record_elsewhere(self, last_reports: Mapping[ServerId, datetime], intervals: Mapping[ServerId, float]) -> None:
        """Reports that another process took, and what they declared. Call while holding *writing*."""
        for server_id, at in last_reports.items():
            if (held := self.live.get(server_id)) is not None:
                last = max(held.last_report_at or at, at)
                interval = intervals.get(server_id, held.interval)
                self.live[server_id] = held._replace(last_report_at=last, interval=interval)

    def record_offline(self, server_ids: Collection[ServerId]) -> None:
        """Call while holding *writing*."""
        for server_id in server_ids:
            if (held := self.live.get(server_id)) is not None:
                self.live[server_id] = held._replace(status=Status.OFFLINE)
        self._note(server_ids)

    def take_changed(self) -> set[ServerId]:
        """Servers whose `live` was replaced since the last call. For one caller: the live stream's hub."""
        with self._noting:
            changed, self._changed = self._changed, set()
        return changed

    def tell_nobody(self) -> None:
        with self._noting:
            self._untold = None

    def tell_everything(self) -> None:
        """There is somebody new to be told, from now on."""
        with self._noting:
            self._untold = set(self.live)

    def take_untold(self) -> list[Heard]:
        """Of servers whose `live` was replaced here since the last call."""
        with self._noting:
            untold, self._untold = self._untold or (), None if self._untold is None else set()
        known = [(server_id, live) for server_id in untold if (live := self.live.get(server_id)) is not None]
        return [
            Heard(server_id, live.sample, live.last_report_at, live.interval, self.clock_skew.get(server_id))
            for server_id, live in known
        ]

    def _note(self, server_ids: Collection[ServerId], *, is_told: bool = False) -> None:
        """*is_told*: others know it, since it is from them."""
        with self._noting:
            self._changed.update(server_ids)
            if self._untold is not None and not is_told:
                self._untold.update(server_ids)
