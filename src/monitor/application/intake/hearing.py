"""Whether this process could have heard a host: found out by sending itself a request. See decision 23."""

from collections.abc import Callable
from dataclasses import dataclass

from monitor.application.alerts.offline import OwnHearing
from monitor.application.intake.queue import IntakeQueue
from monitor.application.ports import Clock
from monitor.domain.alerts.offline import Hearing

Knock = Callable[[], object]
"""Asks this server over a new connection, as an agent would. Raises OSError where there is no good answer in time."""
SETTLED_WITHIN = 10.0


@dataclass(frozen=True, slots=True)
class ProveHearing:
    """Run about once a second, by a thread that does nothing else.

    What is proved is that reports were heard until the request *began*: those before it were accepted before it, read
    before it was answered, and are stored.
    """

    hearing: OwnHearing
    queue: IntakeQueue
    clock: Clock

    def begin(self) -> None:
        """From now on a host is silent only while this process hears."""
        now = self.clock.now()
        self.hearing.known = Hearing(since=now, until=now)

    def end(self) -> None:
        """From now on a request that fails is no failure: this server stops."""
        self.hearing.is_ending = True

    def __call__(self, knock: Knock) -> None:
        """Raises OSError; also where what was reported could not be stored in time."""
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
