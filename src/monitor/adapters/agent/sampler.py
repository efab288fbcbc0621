"""From the host to an encoded sample."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from .clock import now
from .log import Say
from .payload import encode, sample
from .probe import Probe, UnreadableError
from .settings import Settings

if TYPE_CHECKING:
    from .custom import CustomMetrics


class Sampler:
    """Takes samples as the settings ask for."""

    def __init__(self, settings: Settings, ps: Any, say: Say) -> None:
        self._probe = Probe(ps, custom=_custom(settings.metrics_dir, say))
        self._interval = settings.interval
        self._say = say
        self._problem = ""

    def prime(self) -> None:
        """Take the first look; the first sample covers the time from here."""
        self._probe.prime(now())

    def first(self, window: float) -> dict[str, Any]:
        """A sample over *window* seconds from now. Raises UnreadableError."""
        self.prime()
        time.sleep(window)
        return self._measure()

    def take(self) -> bytes | None:
        """A sample since the last one, encoded; None, said once, where this host can't be measured."""
        try:
            record = encode(self._measure())
        except UnreadableError as error:
            if self._problem != str(error):
                self._problem = str(error)
                self._say(f"{error}; no samples until it can")
            return None
        self._problem = ""
        return record

    def _measure(self) -> dict[str, Any]:
        moment = now()
        return sample(self._probe.sample(moment), moment.epoch_ns, self._interval)


def _custom(directory: str | None, say: Say) -> CustomMetrics | None:
    if not directory:
        return None
    from .custom import CustomMetrics  # For the few who have any.

    return CustomMetrics(directory, say)
