"""Proof that reports reach this process: it sends itself a request. See decision 23."""

from collections.abc import Callable
from dataclasses import dataclass

from monitor.application.alerts.offline import OwnHearing
from monitor.application.intake.queue import IntakeQueue
from monitor.application.ports import Clock
from monitor.domain.alerts.offline import Hearing

Knock = Callable[[], object]
"""Send this server a request over a new connection, as an agent does. Raises OSError without a timely response."""
SETTLED_WITHIN = 10.0


@dataclass(frozen=True, slots=True)
class ProveHearing:
    """Run about once a second, on a thread of its own.

    A success proves that reports arrived until the request *began*: earlier ones were accepted and read before it, and
    are stored.
    """

    hearing: OwnHearing
    queue: IntakeQueue
    clock: Clock

    def begin(self) -> None:
        """From now on hosts are found offline only while reports provably arrive."""
        now = self.clock.now()
        self.hearing.known = Hearing(since=now, until=now)

    def end(self) -> None:
        """From now on ignore failed requests: this server stops."""
        self.hearing.is_ending = True

    def __call__(self, knock: Knock) -> None:
        """Raises OSError, also if reports could not be stored in time."""
        began = self.clock.now()
        try:
            knock()
        except OSError:
            if self.hearing.is_ending:
                return
            raise
        if not self.queue.settle(SETTLED_WITHIN):
            raise TimeoutError("the reports that wait are not stored in time")
        if self.hearing.known is not None:
            self.hearing.known = self.hearing.known.proved(began)
