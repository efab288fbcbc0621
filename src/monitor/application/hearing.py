"""Whether this process could have heard a host: found out by sending itself a request. See decision 23."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from monitor.application.intake_queue import IntakeQueue
from monitor.application.ports.clock import Clock
from monitor.domain.hearing import LONGEST_WAIT, Hearing

Knock = Callable[[], object]
"""Asks this server over a new connection, as an agent would. Raises OSError where there is no good answer in time."""
SETTLED_WITHIN = 10.0


@dataclass(slots=True)
class OwnHearing:
    """*known*: None where nobody serves or measures it, and what is reported comes without a network.

    *is_ending*: this server stops, and no longer listens.
    """

    known: Hearing | None = None
    is_ending: bool = False

    def age(self, now: datetime) -> timedelta | None:
        """Time since the last proof; None where nothing is measured."""
        known = self.known  # once: another thread replaces it
        return None if known is None else max(timedelta(0), now - known.until)

    def is_failing(self, now: datetime) -> bool:
        """Whether hosts can't be called offline, since no proof came for too long."""
        age = self.age(now)
        return age is not None and age > LONGEST_WAIT


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
