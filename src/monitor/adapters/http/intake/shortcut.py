"""A sample without a task, the way of most requests: all that its answer needs is in memory.

A task for each request, and the layers of the application around it, take a fifth of the event loop's time. What this
way cannot answer with 200 or 503 is left to `endpoint`, which says what is wrong.
"""

from functools import partial

from monitor.adapters.http.edge.connections import note_known
from monitor.adapters.http.edge.uvicorn_parts import WholeRequest
from monitor.adapters.http.edge.words.messages import use_language
from monitor.adapters.http.intake.endpoint import SINGLE, IntakeEndpoint, encode
from monitor.adapters.http.intake.exchange import text_of
from monitor.adapters.http.intake.reports import Report, read_report
from monitor.adapters.http.operations.metrics import Metrics
from monitor.application.fleet.fleet import Fleet
from monitor.application.intake.queue import IntakeQueue, Submission
from monitor.application.intake.store_samples import Outcome
from monitor.application.ports import Clock
from monitor.domain.errors import MonitorError
from monitor.domain.fleet.api_keys import digest
from monitor.domain.fleet.servers import Server

_Received = dict[bytes, bytes]


class Shortcut:
    def __init__(
        self, intake: IntakeEndpoint, fleet: Fleet, queue: IntakeQueue, clock: Clock, metrics: Metrics
    ) -> None:
        self._intake, self._fleet, self._queue, self._clock, self._metrics = intake, fleet, queue, clock, metrics

    def take(self, request: WholeRequest) -> bool:
        """Queue the request's sample, to be answered after the commit. False if the request needs the ordinary way."""
        scope = request.scope
        if scope["path"] != SINGLE or scope["method"] != "POST":
            return False
        received: _Received = dict(scope["headers"])
        if received.get(b"content-type", b"application/json") != b"application/json":
            return False
        directory, now = self._fleet.directory, self._clock.now()
        try:
            key = directory.key(digest(text_of(received, b"x-api-key")))
            report = read_report(request.body)
            server, sample = self._intake.accept(directory, key, report, text_of(received, b"date"), now)
            answer = partial(self._answer, request, received, report, server)
            self._queue.put(Submission([sample], waiter=answer))
        except MonitorError:
            return False
        self._fleet.key_used[key.id] = now
        note_known(scope)
        return True

    def _answer(
        self, request: WholeRequest, received: _Received, report: Report, server: Server, done: Submission
    ) -> None:
        use_language(text_of(received, b"accept-language"))
        if done.error is not None:
            head, failed = self._intake.heads.failed(done.error)
            body = encode(failed)
        elif (outcome := done.outcomes[0]) is Outcome.UNKNOWN_SERVER:  # deleted; its address may be another's now
            request.start()
            return
        else:
            sender = received.get(b"user-agent", b"")
            body = encode(self._intake.answer(report, sender, server, done.samples[0], outcome))
            head = self._intake.heads.stored(done.epoch)
        self._metrics.answered("POST", head.status)
        request.answer(head, body)
