"""POST /api/monitor/data and /api/monitor/data/batch.

`IntakeEndpoint` is plain ASGI before the framework's routing, which would halve the requests per second. `routes.py`
declares the same routes to the framework, for the OpenAPI document and for servers without the front, and answers
through the same code.
"""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial
from types import MappingProxyType
from typing import Any

import msgspec

from monitor.adapters.http.edge import errors, times
from monitor.adapters.http.edge.answers import Receive, Scope, Send
from monitor.adapters.http.edge.connections import note_known
from monitor.adapters.http.edge.envelope import Envelope, ok
from monitor.adapters.http.edge.uvicorn_parts import send_whole
from monitor.adapters.http.edge.words.messages import use_language
from monitor.adapters.http.intake.exchange import Heads, kind_of, read_body, text_of
from monitor.adapters.http.intake.reports import (
    BatchResult,
    IntakeBatchOut,
    Report,
    StoredOut,
    is_unregistered,
    read_batch,
    read_report,
    reason,
    to_agent,
    to_sample,
    to_unregistered_host,
)
from monitor.adapters.http.intake.senders import Senders
from monitor.adapters.http.intake.waiting import SharedRefresh, until_done, wake
from monitor.adapters.http.operations.metrics import Metrics
from monitor.application.fleet.directory import Directory
from monitor.application.fleet.fleet import Fleet
from monitor.application.intake.queue import IntakeQueue, Submission
from monitor.application.intake.store_samples import Outcome
from monitor.application.ports import Clock
from monitor.domain.errors import InvalidInput, MonitorError, NotFound, Problem, RefusedTime
from monitor.domain.fleet.api_keys import ApiKey, digest
from monitor.domain.fleet.errors import ForeignAddress, InvalidApiKey, UnknownHost
from monitor.domain.fleet.servers import Server, ServerId, UnregisteredHost
from monitor.domain.intake.samples import Sample

SINGLE = errors.INTAKE
BATCH = f"{SINGLE}/batch"
encode = msgspec.json.Encoder().encode
_UNKNOWN = BatchResult("rejected", Outcome.UNKNOWN_SERVER.value)
_RESULTS = {
    Outcome.STORED: BatchResult("stored"),
    Outcome.DUPLICATE: BatchResult("duplicate"),
    Outcome.UNKNOWN_SERVER: _UNKNOWN,
}


class IntakeEndpoint:
    def __init__(
        self, fleet: Fleet, queue: IntakeQueue, clock: Clock, metrics: Metrics, durable_after: timedelta
    ) -> None:
        """*durable_after*: the time after which what was acknowledged cannot be lost."""
        self._fleet = fleet
        self._senders = Senders(fleet)
        self.refresh = SharedRefresh(fleet)
        self._queue = queue
        self._clock = clock
        self._metrics = metrics
        self.heads = Heads(clock, durable_after)

    def start(self) -> None:
        """Call on the event loop that serves the requests."""
        self._queue.start(partial(self._deliver, asyncio.get_running_loop()))

    async def close(self, timeout: float) -> None:
        """Store the waiting samples, within *timeout* seconds."""
        await asyncio.to_thread(self._queue.close, timeout)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        received = dict(scope["headers"])
        media_type = received.get(b"content-type", b"application/json")
        use_language(text_of(received, b"accept-language"))
        try:
            key = await self.authenticate(text_of(received, b"x-api-key"))
            note_known(scope)
            if media_type != b"application/json" and kind_of(media_type) != b"application/json":
                raise errors.Refused(415)
            body, date = await read_body(receive), text_of(received, b"date")
            sender = received.get(b"user-agent", b"")
            answer: Envelope[Any]
            answer, epoch = await (self.batch if scope["path"] == BATCH else self.single)(key, body, date, sender)
            if not epoch:  # else it is that of the commit
                self.heads.time = errors.time_of(self._clock)
            head = self.heads.stored(epoch)
        except Exception as error:
            head, answer = self.heads.failed(error)
        self._metrics.answered("POST", head.status)
        await send_whole(send, head, encode(answer))

    async def authenticate(self, key_text: str) -> ApiKey:
        """Raises InvalidApiKey."""
        if not key_text:
            raise InvalidApiKey
        key_digest = digest(key_text)
        if key_digest not in self._fleet.directory.keys:
            await self.refresh()
        key = self._fleet.directory.key(key_digest)
        self._fleet.key_used[key.id] = self._clock.now()
        return key

    async def single(self, key: ApiKey, body: bytes, date: str, sender: bytes = b"") -> tuple[Envelope[StoredOut], str]:
        """Store one sample; return the answer and the store's epoch. Raises MonitorError.

        *date*, *sender*: the headers `Date`, by the sender's clock, and `User-Agent`.
        """
        report = read_report(body)
        directory = await self._directory_for(key, [report])
        server, sample, outcome, epoch = await self._store_one(directory, key, report, date)
        if outcome is Outcome.UNKNOWN_SERVER and await self._is_outdated(directory):
            server, sample, outcome, epoch = await self._store_one(self._fleet.directory, key, report, date)
        if outcome is Outcome.UNKNOWN_SERVER:
            raise NotFound
        return self.answer(report, sender, server, sample, outcome), epoch

    def accept(
        self, directory: Directory, key: ApiKey, report: Report, date: str, now: datetime
    ) -> tuple[Server, Sample]:
        """Return a report's server and sample; note the sender's clock. Raises what `single` answers with."""
        server = directory.server_for(key, report.ip_address)
        sample = to_sample(report, server.id, now, directory.samples_kept)
        self._senders.note_clock(server.id, date, now)
        return server, sample

    def answer(
        self, report: Report, sender: bytes, server: Server, sample: Sample, outcome: Outcome
    ) -> Envelope[StoredOut]:
        """Return the answer to a sample that is in the database; note what its agent says of itself."""
        if (agent := to_agent(report, sender)) is not None:
            self._fleet.note_agent(server.id, agent)
        if report.agent is not None and report.agent.facts is not None:
            self._fleet.note_facts(sample, report.agent.facts)
        stored = StoredOut(
            status="stored" if outcome is Outcome.STORED else "duplicate",
            server_id=server.id,
            server_name=server.name,
            ip_address=server.ip_address,
            cpu_value=sample.cpu,
            memory_value=sample.memory,
            disk_value=sample.disk,
            recorded_at=times.written(sample.recorded_at),
        )
        return ok(stored, "submitted")

    async def _store_one(
        self, directory: Directory, key: ApiKey, report: Report, date: str
    ) -> tuple[Server, Sample, Outcome, str]:
        now = self._clock.now()
        try:
            server, sample = self.accept(directory, key, report, date, now)
        except UnknownHost as error:
            if is_unregistered(error, directory, report):
                await self.submit([], [to_unregistered_host(report, now)])
            raise
        except RefusedTime as error:
            server_id = directory.server_for(key, report.ip_address).id
            self._senders.note_clock(server_id, date, now, error.at)
            await self.submit([], [], refused={server_id: now})
            raise
        outcomes, epoch = await self.submit([sample], [])
        return server, sample, outcomes[0], epoch

    async def batch(
        self, key: ApiKey, body: bytes, date: str, sender: bytes = b""
    ) -> tuple[Envelope[IntakeBatchOut], str]:
        """Store a batch; return a result for each item, and the store's epoch, after the commit."""
        self._queue.expect_batch()
        items = read_batch(body)
        directory = await self._directory_for(key, items)
        results, epoch = await self._store_many(directory, key, items, date, sender)
        unknown = [place for place, result in enumerate(results) if result is _UNKNOWN]
        if unknown and await self._is_outdated(directory):
            left = [items[place] for place in unknown]
            again, _ = await self._store_many(self._fleet.directory, key, left, date, sender)
            for place, result in zip(unknown, again, strict=True):
                results[place] = result
        return ok(IntakeBatchOut(results), "submitted"), epoch

    async def _store_many(
        self, directory: Directory, key: ApiKey, items: Sequence[Report | MonitorError], date: str, sender: bytes
    ) -> tuple[list[BatchResult], str]:
        """Return also the store's epoch; "" if there was nothing to store."""
        now, kept = self._clock.now(), directory.samples_kept
        samples: list[Sample] = []
        of_servers: set[ServerId] = set()
        accepted: list[tuple[Sample, Report]] = []
        unregistered: dict[str, UnregisteredHost] = {}
        rejected: dict[int, BatchResult] = {}
        refused: dict[ServerId, datetime] = {}
        for position, item in enumerate(items):
            try:
                if isinstance(item, MonitorError):
                    raise item
                if item.recorded_at is None:
                    raise InvalidInput({"recorded_at": Problem("required")})
                server_id = directory.server_for(key, item.ip_address).id
                of_servers.add(server_id)
                samples.append(sample := to_sample(item, server_id, now, kept))
                accepted.append((sample, item))
            except MonitorError as error:
                rejected[position] = BatchResult("rejected", reason(error))
                if isinstance(error, RefusedTime):  # of a sample of this server
                    refused[server_id] = max(refused.get(server_id, error.at), error.at)
                if isinstance(item, Report) and is_unregistered(error, directory, item):
                    host = to_unregistered_host(item, now)
                    unregistered[host.ip_address] = host
        self._senders.note_clocks(of_servers, date, now, refused)
        outcomes: list[Outcome] = []
        epoch = ""
        if samples or unregistered or refused:
            heard = dict.fromkeys(refused, now)
            outcomes, current = await self.submit(samples, list(unregistered.values()), refused=heard)
            epoch = current if samples or unregistered else ""
        self._senders.note_agents(accepted, sender)
        results = [_RESULTS[outcome] for outcome in outcomes]
        for position, result in rejected.items():  # ascending
            results.insert(position, result)
        self._metrics.rejected(len(rejected))
        return results, epoch

    async def _directory_for(self, key: ApiKey, items: Sequence[object]) -> Directory:
        """Return the directory, reloaded if stale and one of *items* is unknown: its server may be new."""
        if self._fleet.is_stale and any(_is_unknown(self._fleet.directory, key, item) for item in items):
            await self.refresh()
        return self._fleet.directory

    async def _is_outdated(self, directory: Directory) -> bool:
        """True if the directory has changed: a deleted server may exist again with the same address."""
        await self.refresh()
        return self._fleet.directory is not directory

    async def submit(
        self,
        samples: Sequence[Sample],
        unregistered: Sequence[UnregisteredHost],
        refused: Mapping[ServerId, datetime] = MappingProxyType({}),
    ) -> tuple[list[Outcome], str]:
        """Queue samples; return outcomes and the store's epoch after the commit. Raises Overloaded, Unavailable."""
        submission = await until_done(Submission(samples, unregistered, refused=refused), self._queue.put)
        return submission.outcomes, submission.epoch

    def _deliver(self, loop: asyncio.AbstractEventLoop, group: list[Submission]) -> None:
        """Wake the event loop once for the whole group. Runs on the writer's thread."""
        self._metrics.committed(group)
        if not loop.is_closed():
            loop.call_soon_threadsafe(self._wake, group)

    def _wake(self, group: Sequence[Submission]) -> None:
        self.heads.time = errors.time_of(self._clock)
        wake(group)


def _is_unknown(directory: Directory, key: ApiKey, item: object) -> bool:
    try:
        if isinstance(item, Report):
            directory.server_for(key, item.ip_address)
    except (ForeignAddress, InvalidApiKey, UnknownHost):
        return True
    except InvalidInput:  # a newer directory would not help
        return False
    return False
