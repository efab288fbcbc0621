"""The fleet as this process keeps it in memory, so that neither intake nor the dashboard costs a query.

`Directory` (servers, keys, users, rules) follows the database's log of changes: what changed is read, and the rest is
shared with the directory before. `Live` (newest sample and status of each server) is updated by the intake's writer and
by updates of other processes.
"""

import threading
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime

from monitor.application.fair_lock import FairLock
from monitor.application.fleet.directory import EMPTY, Directory
from monitor.application.fleet.ports import Queries
from monitor.application.fleet.stretches import Stretch, Stretches
from monitor.application.fleet.visibility import KnownFleet, VisibleFleet
from monitor.domain.accounts.actors import Actor
from monitor.domain.fleet.api_keys import ApiKeyId
from monitor.domain.fleet.facts import Facts, HostFacts
from monitor.domain.fleet.servers import AgentInfo, Server, ServerId, Status
from monitor.domain.intake.live import Live, LiveUpdate, of_server, with_refused, with_report, with_sample, with_update
from monitor.domain.intake.samples import Sample

LEAST_FOLLOWED = 1000
"""Changes that are read one by one however small the fleet is; in a large fleet a quarter of it."""


class Fleet(KnownFleet):
    """Shared by all threads. Readers take `directory` and `live` as they are: entries are immutable and replaced whole.
    Code that decides and stores a server's status holds *writing*, so that a report and its absence are never both
    believed. Intake waits for it, so long work has to release it again and again."""

    def __init__(self, queries: Queries) -> None:
        self._queries = queries
        self._reload = threading.Lock()
        self._noting = threading.Lock()
        self._committed: object = object()
        self._loaded: object = None
        self._is_doubted = False
        self.writing = FairLock()
        self.directory = EMPTY
        self.live: dict[ServerId, Live] = {}
        self.version = 0
        """Rises after each change of `directory`, `live`, and `clock_skew`: what was read since then has it."""
        self.key_used: dict[ApiKeyId, datetime] = {}
        self.interrupted_at: datetime | None = None
        """When this process last ran but could store no reports: the database was away, or it was suspended."""
        self.is_searching = False
        """When the search began that still marks hosts as offline; None: none does."""
        self.clock_skew: dict[ServerId, int] = {}
        """Seconds, for servers whose clock was wrong at their last report; see `samples.clock_skew`."""
        self.agents: dict[ServerId, AgentInfo] = {}
        """What agents said that is not stored yet; see `SaveAgents`."""
        self.facts: dict[ServerId, HostFacts] = {}  # likewise of their hosts
        self._changed: set[ServerId] = set()
        self._unsent: set[ServerId] | None = None
        self._overtaken: dict[ServerId, Sample] = {}
        self._stretches = Stretches()

    @property
    def is_stale(self) -> bool:
        """True if this process has committed changes that `directory` lacks."""
        return self._loaded is not self._committed

    def mark_stale(self) -> None:
        """Call after the commit."""
        self._committed = object()

    def doubt(self) -> None:
        """Read everything with the next load: the database may have lost changes that `directory` has."""
        self._is_doubted = True
        self.mark_stale()

    def refresh(self) -> None:
        """Load the directory if this process has changed it. Raises StorageUnavailable."""
        if self.is_stale:
            with self._reload:
                if self.is_stale:
                    self._load()

    def visible_to(self, actor: Actor) -> VisibleFleet:
        """Return what *actor* sees now, with all that this process has changed. Raises StorageUnavailable."""
        self.refresh()
        return VisibleFleet(self.directory, actor)

    def poll(self) -> None:
        """Load the directory if another process has changed it, or it is doubted. Raises StorageUnavailable."""
        with self._reload:
            if self._is_doubted or self.is_behind():
                self._load()

    def is_behind(self) -> bool:
        """Ask the database whether something was changed that `directory` lacks. Raises StorageUnavailable."""
        return self._queries.fleet.revision() != self.directory.revision

    def _load(self) -> None:
        committed = self._committed  # before reading: a commit during the read needs another load
        doubted, self._is_doubted = self._is_doubted, False
        try:
            if doubted or not self._follow_changes():
                self._read_all()
        except Exception:
            self._is_doubted = self._is_doubted or doubted
            raise
        self._loaded = committed  # last: until then other readers wait for this load

    def _follow_changes(self) -> bool:
        """Apply what changed since `directory`. False if everything must be read."""
        held = self.directory
        if held is EMPTY:
            return False
        at_most = LEAST_FOLLOWED + (len(held.servers) + len(held.keys) + len(held.users)) // 4
        changes = self._queries.fleet.changes(held.revision, at_most)
        if changes is None:
            return False
        self._replace(held.with_changes(changes), changes.servers)
        return True

    def _read_all(self) -> None:
        latest = self._queries.samples.latest() if self.directory is EMPTY else ()
        directory = Directory.of(self._queries.fleet.snapshot(), self.directory)
        known = (of.keys() for held in (directory, self.directory) for of in (held.servers, held.checks))
        self._replace(directory, set().union(*known), latest)

    def _replace(self, directory: Directory, changed: Collection[ServerId], latest: Sequence[Sample] = ()) -> None:
        """Take over *directory*. Servers other than *changed* are as before. *latest*: newest stored samples."""
        with self.writing:
            live = self.live
            if changed:
                live = dict(live)  # others may iterate over the old one
                for server_id in changed:
                    if (server := directory.watched(server_id)) is None:
                        live.pop(server_id, None)
                    elif server_id not in live:
                        live[server_id] = of_server(server)
            for sample in latest:
                if (held := live.get(sample.server_id)) is not None:
                    live[sample.server_id] = with_sample(held, sample)
            self.live, self.directory = live, directory
        for server_id in list(self.clock_skew):
            if server_id not in live:
                self.clock_skew.pop(server_id, None)
        self._note(())

    def seen_by(self, actor: Actor) -> Sequence[Stretch]:
        """Return the servers that the actor may see, in the order of `VisibleFleet.servers`."""
        version = self.version  # before the rest: what changes meanwhile counts as not yet seen
        return self._stretches.of(VisibleFleet(self.directory, actor), self.live, self.clock_skew, version)

    def record(self, samples: Sequence[Sample]) -> None:
        """Note reports: samples stored now or before. Call while holding *writing*."""
        live = self.live
        for sample in samples:
            held = live.get(sample.server_id)
            if held is not None:
                live[sample.server_id] = with_report(held, sample)
                if held.sample is not None and sample.recorded_at < held.sample.recorded_at:
                    self._note_overtaken(sample)
        self._note({sample.server_id for sample in samples})

    def record_refused(self, refused: Mapping[ServerId, datetime]) -> None:
        """Note reports without a valid sample, by their time of receipt. Call while holding *writing*."""
        for server_id, at in refused.items():
            if (held := self.live.get(server_id)) is not None:
                self.live[server_id] = with_refused(held, at)
        self._note(refused.keys())

    def merge(self, updates: Iterable[LiveUpdate]) -> set[ServerId]:
        """Merge updates of peers. Return servers whose newest sample changed. Call while holding *writing*."""
        changed, moved = set(), set()
        for update in updates:
            held = self.live.get(update.server_id)
            if held is None or (after := with_update(held, update)) is held:
                continue
            self.live[update.server_id] = after
            changed.add(update.server_id)
            if after.sample is not held.sample:
                moved.add(update.server_id)
                if held.sample is not None and update.server_id in (self._unsent or ()):
                    self._note_overtaken(held.sample)
        self._note(changed, from_peer=True)
        return moved

    def note_clock(self, server_id: ServerId, skew: int | None, *, from_peer: bool = False) -> None:
        """Note a server's clock. *skew*: None if right or unknown. *from_peer*: noted by another process."""
        if skew == self.clock_skew.get(server_id):
            return
        if skew is None:
            self.clock_skew.pop(server_id, None)
        else:
            self.clock_skew[server_id] = skew
        self._note((server_id,), from_peer=from_peer)

    def note_agent(self, server_id: ServerId, agent: AgentInfo) -> None:
        """Note what a server's agent says, to be stored if it differs from what is."""
        server = self.directory.servers.get(server_id)
        if server is None:
            return
        if server.agent_version != agent.version or server.agent_os != agent.system:
            self.agents[server_id] = agent
        else:
            self.agents.pop(server_id, None)

    def agent_of(self, server: Server) -> AgentInfo | None:
        return self.agents.get(server.id) or server.agent

    def note_facts(self, sample: Sample, facts: Facts) -> None:
        """Note what an agent says of its host with *sample*, to be stored. A backlog does not replace what is newer."""
        held = self.facts.get(sample.server_id)
        if held is None or held.at <= sample.recorded_at:
            self.facts[sample.server_id] = HostFacts.of(facts, sample.recorded_at, sample.metric("uptime"))

    def record_elsewhere(self, last_reports: Mapping[ServerId, datetime], intervals: Mapping[ServerId, float]) -> None:
        """Note reports that another process took, and their intervals. Call while holding *writing*. A later report
        turns the host online; so does an update of that process, which may come after this."""
        for server_id, at in last_reports.items():
            if (held := self.live.get(server_id)) is None:
                continue
            is_later = held.last_report_at is not None and at > held.last_report_at
            self.live[server_id] = held._replace(
                status=Status.ONLINE if is_later else held.status,
                last_report_at=max(held.last_report_at or at, at),
                interval=intervals.get(server_id, held.interval),
            )
            self._note((server_id,) if is_later else (), from_peer=True)

    def record_set_back(self, last_reports: Mapping[ServerId, datetime]) -> None:
        """Replace last reports of before the clock was set back. Call while holding *writing*."""
        for server_id, at in last_reports.items():
            if (held := self.live.get(server_id)) is not None:
                self.live[server_id] = held._replace(last_report_at=at)
        self._note(())

    def record_offline(self, server_ids: Collection[ServerId]) -> None:
        """Call while holding *writing*."""
        for server_id in server_ids:
            if (held := self.live.get(server_id)) is not None:
                self.live[server_id] = held._replace(status=Status.OFFLINE)
        self._note(server_ids)

    def take_changed(self) -> set[ServerId]:
        """Return the servers whose `live` changed since the last call. Only the live stream's hub may call it."""
        with self._noting:
            changed, self._changed = self._changed, set()
        return changed

    def stop_collecting(self) -> None:
        with self._noting:
            self._unsent = None
            self._overtaken.clear()

    def collect_all(self) -> None:
        """Collect updates from now on, beginning with all servers: a new peer has none."""
        with self._noting:
            self._unsent = set(self.live)

    def take_unsent(self) -> list[LiveUpdate]:
        """Return updates of servers whose `live` changed in this process since the last call. The oldest of several
        samples comes first, or peers would take it for complete."""
        with self._noting:
            unsent, self._unsent = self._unsent or (), None if self._unsent is None else set()
            overtaken, self._overtaken = self._overtaken, {}
        skew, known = self.clock_skew, ((id_, live) for id_ in unsent if (live := self.live.get(id_)) is not None)
        return [
            *(LiveUpdate(id_, older, None, None, skew.get(id_)) for id_, older in overtaken.items()),
            *(LiveUpdate(id_, new.sample, new.last_report_at, new.interval, skew.get(id_)) for id_, new in known),
        ]

    def overtaken(self, updates: Iterable[LiveUpdate]) -> set[ServerId]:
        """Return the servers for which *updates* have a sample older than the newest known here."""
        return {
            update.server_id
            for update in updates
            if update.sample is not None
            and (held := self.live.get(update.server_id)) is not None
            and held.sample is not None
            and update.sample.recorded_at < held.sample.recorded_at
        }

    def _note_overtaken(self, sample: Sample) -> None:
        """Note a sample of this process that is older than the newest."""
        with self._noting:
            if self._unsent is not None:
                first = self._overtaken.setdefault(sample.server_id, sample)
                self._overtaken[sample.server_id] = min(first, sample, key=lambda each: each.recorded_at)

    def _note(self, server_ids: Collection[ServerId], *, from_peer: bool = False) -> None:
        """Call after each change. *server_ids*: those to show and send anew. *from_peer*: learned from another process,
        so not sent again."""
        with self._noting:
            self.version += 1
            self._changed.update(server_ids)
            if self._unsent is not None and not from_peer:
                self._unsent.update(server_ids)
