"""Which samples go out when: the newest first, then the waiting ones; what fails waits again.

While the server takes samples, none is written to disk before it is sent: a kill loses at most the one on its way.
Before the first, the server is asked for its time. Once an attempt fails, or has no answer when the next sample is
taken, its sample goes into the backlog, and each later one *before* it is sent, until the server takes one again. What
it took and may still lose is `kept`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from ..clock import WRONG, ServerClock
from ..log import Log
from .backlog import Backlog
from .client import MAX_BATCH, MAX_BODY, QUESTION, Delivery
from .kept import Kept
from .outcomes import DROP, IN_FUTURE, LATER, STORED, Backoff, Link, Outcome, SendResult, judge
from .spool import Chunk

BETWEEN_BATCHES = 5.0
"""Seconds on average: a day of samples takes 2.5 minutes, and a hundred such agents leave the server some time."""
_NEVER = float("inf")
_FIRST_PAUSE = 1.0


class _Live(NamedTuple):
    """*number* is the sample's number in the backlog; None if it is not there."""

    record: bytes
    number: int | None


class Sender:
    """Sends one delivery at a time. Times are arguments, in seconds on a monotonic clock.

    *send* starts a delivery, whose answer is then passed to `arrived`. *random* returns numbers from 0 to 1.
    """

    def __init__(
        self,
        *,
        send: Callable[[Delivery], None],
        backlog: Backlog,
        kept: Kept,
        link: Link,
        log: Log,
        interval: float,
        random: Callable[[], float],
        clock: ServerClock | None = None,
    ) -> None:
        self._send = send
        self._backlog = backlog
        self._kept = kept
        self._link = link
        self._log = log
        self._interval = interval
        self._random = random
        self._clock = clock
        self._asks = clock is not None
        # Before the first contact the pause is short: no crowd of agents lost the server, and a person may be watching.
        self._live_pause = Backoff(min(_FIRST_PAUSE, interval), random)
        self._connected_once = False
        self._batch_pause = Backoff(interval, random)
        self._live_from = self._batch_from = -_NEVER
        self._live: _Live | None = None
        self._sent: _Live | Chunk | None = None
        self._sent_at = 0.0
        self._batch_size = MAX_BATCH
        self._caught_up = 0
        self._batch_problem = ""

    def offer(self, record: bytes, now: float) -> None:
        """Send the new sample *record*, or keep it."""
        hanging = self._sent
        if isinstance(hanging, _Live) and hanging.number is None:
            self._sent = hanging._replace(number=self._backlog.add(hanging.record))
        at_once = self._sent is None and self._link.up
        self._live = _Live(record, None if at_once else self._backlog.add(record))
        self.proceed(now)

    def arrived(self, answer: SendResult, now: float) -> None:
        """Handle *answer* to the last delivery, and send the next."""
        self.settle(answer, now)
        self.proceed(now)

    def settle(self, answer: SendResult, now: float) -> None:
        """Handle *answer* to the last delivery, and send nothing."""
        done, self._sent = self._sent, None
        if self._asks and done is not None:
            self._answered(done, answer, now)
            return
        if self._clock is not None and answer.clock.server:
            self._clock.learn(answer.clock)
        if isinstance(done, _Live):
            outcome = judge(answer)
            self._live_arrived(done, outcome, now)
            if outcome.kind == STORED:
                self._keep([(done.record, False)], answer, now)
        elif done is not None:
            outcome = judge(answer, batch_of=len(done.records))
            self._batch_arrived(done, outcome, now)
            if outcome.kind == STORED:
                self._keep(_taken(done.records, outcome), answer, now)

    def proceed(self, now: float) -> None:
        """Send what is due, unless an answer is outstanding."""
        if self._sent is not None or self.due() > now:
            return
        self._sent_at = now
        if self._live is not None:
            self._sent, self._live = self._live, None
            self._send(QUESTION if self._asks else Delivery((self._sent.record,), batch=False))
        else:
            chunk = self._backlog.oldest(self._batch_size, MAX_BODY)
            if chunk.records:
                self._sent = chunk
                self._send(QUESTION if self._asks else Delivery(chunk.records, batch=True))
            else:
                self._batch_from = now + self._interval  # The spool cannot be read at the moment.

    def due(self) -> float:
        """Return when `proceed` has something to do; infinite while an answer is outstanding."""
        if self._sent is not None:
            return _NEVER
        if self._live is not None:
            return self._live_from
        return self._batch_from if self._link.up and len(self._backlog) else _NEVER

    @property
    def expects_answer(self) -> bool:
        """True if an answer may arrive any moment."""
        return self._sent is not None and self._link.up

    def finish(self) -> None:
        """Keep what was sent and not answered: the agent ends."""
        for kept in (self._sent, self._live):
            if isinstance(kept, _Live) and kept.number is None:
                self._backlog.add(kept.record)
        self._sent = self._live = None

    def _answered(self, asked_for: _Live | Chunk, answer: SendResult, now: float) -> None:
        """Handle the *answer* to the question for the time: then what it was *asked_for* can be sent."""
        outcome = judge(answer, batch_of=0)
        if self._clock is not None and (answer.clock.server or outcome.kind == STORED):
            self._learn(self._clock, answer)
            if isinstance(asked_for, _Live) and self._live is None:
                self._live = asked_for
            if self._live is not None:
                self._live = self._live._replace(record=self._clock.settled(self._live.record))
            return
        if outcome.kind == DROP:  # nothing is wrong with what was not sent
            outcome = outcome._replace(kind=LATER)
        if isinstance(asked_for, _Live):
            self._live_arrived(asked_for, outcome, now)
        else:
            self._batch_arrived(asked_for, outcome, now)

    def _learn(self, clock: ServerClock, answer: SendResult) -> None:
        clock.learn(answer.clock)
        self._asks = False
        self._backlog.rewrite(clock.settled)
        if abs(clock.host_ahead) > WRONG:
            side = "ahead of" if clock.host_ahead > 0 else "behind"
            self._log(f"this host's clock is {abs(clock.host_ahead):.0f} s {side} the server's, which samples go by")

    def _live_arrived(self, live: _Live, outcome: Outcome, now: float) -> None:
        if outcome.kind in (STORED, DROP):
            if outcome.kind == DROP:
                self._set_aside("the server refuses a sample for good", [live.record], outcome.why)
            if live.number is not None:
                self._backlog.retract(live.number)
            self._link.took(now, len(self._backlog))
            if self._connected_once:
                self._live_pause.worked()
            else:
                self._connected_once, self._live_pause = True, Backoff(self._interval, self._random)
            return
        if live.number is None:
            live = live._replace(number=self._backlog.add(live.record))
        if self._live is None:
            self._live = live  # The newest sample is the first to be sent again.
        self._link.failed(now, outcome)
        self._live_from = now + self._live_pause.failed(outcome.retry_after)

    def _batch_arrived(self, chunk: Chunk, outcome: Outcome, now: float) -> None:
        if outcome.kind == STORED:
            pause = self._batch_pause.failed() if self._acknowledge(chunk, outcome) else self._between_batches()
            self._batch_from = now + pause
        elif outcome.kind == DROP and len(chunk.records) > 1:
            self._batch_size = len(chunk.records) // 2  # Find the one bad sample, so that the others can go.
        elif outcome.kind == DROP:
            self._set_aside("the server refuses a waiting sample for good", chunk.records, outcome.why)
            self._backlog.acknowledge(chunk)
        else:
            self._batch_from = now + self._batch_pause.failed(outcome.retry_after)
            self._log_waiting(outcome.why)

    def _between_batches(self) -> float:
        return BETWEEN_BATCHES * (0.5 + self._random())

    def _log_waiting(self, why: str) -> None:
        if self._batch_problem != why:
            self._batch_problem = why
            self._log(f"the server does not take waiting samples ({why}); they are sent again later")

    def _acknowledge(self, chunk: Chunk, outcome: Outcome) -> bool:
        """Return whether some wait on, because their time is still to come."""
        rejected = [
            (record, result.get("reason"))
            for record, result in zip(chunk.records, outcome.results)
            if result.get("status") == "rejected"
        ]
        early = [record for record, why in rejected if why == IN_FUTURE]
        for record in early:
            self._backlog.add(record)
        rejected = [(record, why) for record, why in rejected if why != IN_FUTURE]
        if rejected:
            records = [record for record, _ in rejected]
            self._set_aside(f"the server rejected {len(rejected)} waiting samples", records, rejected[0][1])
        self._backlog.acknowledge(chunk)
        self._batch_size = min(MAX_BATCH, self._batch_size * 2)
        self._caught_up += len(chunk.records) - len(early)
        if early:
            self._log_waiting("their time is in the future")
            return True
        self._batch_pause.worked()
        self._batch_problem = ""
        if not len(self._backlog):
            self._log(f"recovered: {self._caught_up} waiting samples were delivered")
            self._caught_up = 0
        return False

    def _keep(self, taken: Sequence[tuple[bytes, bool]], answer: SendResult, now: float) -> None:
        """Send again what the server may have lost, and keep what it took now."""
        if not answer.epoch:
            return
        again = self._kept.heard(answer.epoch, answer.durable, self._sent_at, self._backlog.add)
        if again:
            self._log(f"the server started again, or may have lost what it stored last: {again} samples are sent again")
            self._batch_from = now + self._between_batches()
        self._kept.keep(taken, answer.durable, self._sent_at, now)
        if not len(self._backlog):
            self._kept.forget_resent()

    def _set_aside(self, what: str, records: Sequence[bytes], why: object) -> None:
        self._log(f"{what} ({why}): {self._backlog.set_aside(records)}")


def _taken(records: Sequence[bytes], outcome: Outcome) -> list[tuple[bytes, bool]]:
    """Return the samples that the server has now; each with whether it had it before."""
    return [
        (record, result.get("status") == "duplicate")
        for record, result in zip(records, outcome.results)
        if result.get("status") != "rejected"
    ]
