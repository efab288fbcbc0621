"""The epoch of the store that this process answers with."""

from dataclasses import dataclass
from datetime import timedelta


@dataclass(slots=True)
class CurrentEpoch:
    """*text*: at the start one that never was, so that a process which has not read it yet acknowledges nothing with an
    older one. *durable_after*: the time after which what was acknowledged cannot be lost. *begun*: how many epochs
    began since this process watches.
    """

    text: str
    durable_after: timedelta
    begun: int = 0


NO_EPOCH = CurrentEpoch("", timedelta(0))
"""Of a store that loses nothing, such as one in memory."""
