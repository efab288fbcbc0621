"""Which samples go out when: the newest first, then those that wait, and what fails waits (again).

While the server takes what it is sent, nothing is written to disk: at most the one sample that is under way can be lost
to a kill. As soon as an attempt fails, or hangs until the next sample is taken, its sample is in the backlog, and so is
each that follows *before* it is sent, until the server takes one again.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from .answers import DROP, STORED, Answer, Verdict, judge
from .backlog import Backlog
from .backoff import Backoff
from .link import Link
from .log import Say
from .payload import MAX_BATCH, MAX_BODY
from .spool import Chunk
from .uplink import Parcel

_NEVER = float("inf")
_FIRST_PAUSE = 1.0
BETWEEN_BATCHES = 5.0
"""Seconds, on average. A day takes two minutes and a half; a hundred agents with one leave a server time for others."""


class _Live(NamedTuple):
    record: bytes
    kept: int | None
    """Its number in the backlog, if it is there."""


class Delivery:
    """Pure but for what it is given: *send* starts a delivery whose answer comes to `arrived`; times are arguments."""

    def __init__(
        self,
        *,
        send: Callable[[Parcel], None],
        backlog: Backlog,
        link: Link,
        say: Say,
        interval: float,
        random: Callable[[], float],
    ) -> None:
        self._send = send
        self._backlog = backlog
        self._link = link
        self._say = say
        self._interval = interval
        self._random = random
        # Before the first contact there is no crowd that was cut off together, and a person may be watching.
        self._live_pause = Backoff(min(_FIRST_PAUSE, interval), random)
        self._met = False
        self._batch_pause = Backoff(interval, random)
        self._live_from = self._batch_from = -_NEVER
        self._live: _Live | None = None
        self._under_way: _Live | Chunk | None = None
        self._batch_size = MAX_BATCH
        self._caught_up = 0
        self._batch_problem = ""

    def offer(self, record: bytes, now: float) -> None:
        """A sample was taken."""
        hanging = self._under_way
        if isinstance(hanging, _Live) and hanging.kept is None:
            self._under_way = hanging._replace(kept=self._backlog.add(hanging.record))
        at_once = self._under_way is None and self._link.up
        self._live = _Live(record, None if at_once else self._backlog.add(record))
        self.proceed(now)

    def arrived(self, answer: Answer, now: float) -> None:
        """The server answered what was under way, or did not; the next follows."""
        self.settle(answer, now)
        self.proceed(now)

    def settle(self, answer: Answer, now: float) -> None:
        """The server answered what was under way, or did not; nothing follows."""
        done, self._under_way = self._under_way, None
        if isinstance(done, _Live):
            self._live_arrived(done, judge(answer), now)
        elif done is not None:
            self._batch_arrived(done, judge(answer, batch_of=len(done.records)), now)

    def proceed(self, now: float) -> None:
        """Send what is due, if nothing is under way."""
        if self._under_way is not None or self.due() > now:
            return
        if self._live is not None:
            self._under_way, self._live = self._live, None
            self._send(Parcel((self._under_way.record,), batch=False))
        else:
            chunk = self._backlog.oldest(self._batch_size, MAX_BODY)
            if chunk.records:
                self._under_way = chunk
                self._send(Parcel(chunk.records, batch=True))
            else:
                self._batch_from = now + self._interval  # The spool can't be read just now.

    def due(self) -> float:
        """When `proceed` next has something to do; never, while something is under way."""
        if self._under_way is not None:
            return _NEVER
        if self._live is not None:
            return self._live_from
        return self._batch_from if self._link.up and len(self._backlog) else _NEVER

    @property
    def soon_done(self) -> bool:
        """Whether an answer may be expected any moment."""
        return self._under_way is not None and self._link.up

    def finish(self) -> None:
        """The agent ends: what was sent and not answered is kept."""
        if isinstance(self._under_way, _Live) and self._under_way.kept is None:
            self._backlog.add(self._under_way.record)
        self._under_way = None

    def _live_arrived(self, live: _Live, verdict: Verdict, now: float) -> None:
        if verdict.kind in (STORED, DROP):
            if verdict.kind == DROP:
                self._set_aside("the server will not take a sample", [live.record], verdict.why)
            if live.kept is not None:
                self._backlog.retract(live.kept)
            self._link.took(now, len(self._backlog))
            if self._met:
                self._live_pause.worked()
            else:
                self._met, self._live_pause = True, Backoff(self._interval, self._random)
            return
        if live.kept is None:
            live = live._replace(kept=self._backlog.add(live.record))
        if self._live is None:
            self._live = live  # The newest there is: what is tried again first.
        self._link.failed(now, verdict)
        self._live_from = now + self._live_pause.failed(verdict.retry_after)

    def _batch_arrived(self, chunk: Chunk, verdict: Verdict, now: float) -> None:
        if verdict.kind == STORED:
            self._acknowledge(chunk, verdict)
            self._batch_from = now + BETWEEN_BATCHES * (0.5 + self._random())
        elif verdict.kind == DROP and len(chunk.records) > 1:
            self._batch_size = len(chunk.records) // 2  # One bad sample must not hold up the others: find it.
        elif verdict.kind == DROP:
            self._set_aside("the server will not take a waiting sample", chunk.records, verdict.why)
            self._backlog.acknowledge(chunk)
        else:
            self._batch_from = now + self._batch_pause.failed(verdict.retry_after)
            if self._batch_problem != verdict.why:
                self._batch_problem = verdict.why
                self._say(f"waiting samples are not taken ({verdict.why}); they are sent again later")

    def _acknowledge(self, chunk: Chunk, verdict: Verdict) -> None:
        rejected = [
            (record, result.get("reason"))
            for record, result in zip(chunk.records, verdict.results)  # noqa: B905 (Python 3.9 has no strict)
            if result.get("status") == "rejected"
        ]
        if rejected:
            records = [record for record, _ in rejected]
            self._set_aside(f"the server rejected {len(rejected)} waiting samples", records, rejected[0][1])
        self._backlog.acknowledge(chunk)
        self._batch_size = min(MAX_BATCH, self._batch_size * 2)
        self._batch_pause.worked()
        self._batch_problem = ""
        self._caught_up += len(chunk.records)
        if not len(self._backlog):
            self._say(f"recovered: {self._caught_up} waiting samples were delivered")
            self._caught_up = 0

    def _set_aside(self, what: str, records: Sequence[bytes], why: object) -> None:
        self._say(f"{what} ({why}): {self._backlog.set_aside(records)}")
