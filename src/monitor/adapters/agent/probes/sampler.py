"""From the host to an encoded sample."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from ..log import Log
from .probe import Probe
from .reading import UnreadableError, now
from .sample import encode, sample

if TYPE_CHECKING:
    from .custom import CustomMetrics


class Sampler:
    """Takes samples for an agent that reports every *interval* seconds.

    *ps* is psutil or an object with its interface; *metrics_dir* is where scripts leave their metrics, if any do.
    """

    def __init__(self, interval: float, ps: Any, log: Log, *, metrics_dir: str | None = None) -> None:
        self._probe = Probe(ps, custom=_custom(metrics_dir, log))
        self._interval = interval
        self._log = log
        self._problem = ""

    def prime(self) -> None:
        """Read the counters, so that the first sample covers the time from now."""
        self._probe.prime(now())

    def first(self, window: float) -> dict[str, Any]:
        """Return a sample over *window* seconds from now, not encoded. Raises UnreadableError."""
        self.prime()
        time.sleep(window)
        return self._measure()

    def take(self) -> bytes | None:
        """Return an encoded sample since the last one; if the host cannot be measured, log it once and return None."""
        try:
            record = encode(self._measure())
        except UnreadableError as error:
            if self._problem != str(error):
                self._problem = str(error)
                self._log(f"{error}; no samples are taken until it can be read")
            return None
        self._problem = ""
        return record

    def _measure(self) -> dict[str, Any]:
        moment = now()
        return sample(self._probe.sample(moment), moment.epoch_ns, self._interval)


def _custom(directory: str | None, log: Log) -> CustomMetrics | None:
    if not directory:
        return None
    from .custom import CustomMetrics  # Loaded only where it is used.

    return CustomMetrics(directory, log)
