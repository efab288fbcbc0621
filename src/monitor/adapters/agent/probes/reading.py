"""How this host is read: at which moment, through what, and what happens if it fails."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from typing import Any, NamedTuple, TypeVar

T = TypeVar("T")


class UnreadableError(Exception):
    """This host cannot be measured; the text says what is missing and why."""


class Moment(NamedTuple):
    """One instant: *awake* and *elapsed* in seconds since boot without and with suspends, *epoch_ns* as wall time."""

    awake: float
    elapsed: float
    epoch_ns: int


def now() -> Moment:
    """Return this instant; on systems without a clock that counts suspends, *elapsed* equals *awake*."""
    awake = time.monotonic()
    elapsed = time.clock_gettime(time.CLOCK_BOOTTIME) if hasattr(time, "CLOCK_BOOTTIME") else awake
    return Moment(awake, elapsed, time.time_ns())


def optional(read: Callable[[], T], otherwise: T) -> T:
    """Return what *read* returns, or *otherwise* if it raises: a sandbox forbids it, or the system does not have it."""
    try:
        return read()
    except Exception:  # Systems fail in many ways: errno, a missing file, a line that cannot be parsed.
        return otherwise


def required(what: str, read: Callable[[], T]) -> T:
    """Return what *read* returns. Raises UnreadableError."""
    try:
        return read()
    except Exception as error:
        raise UnreadableError(f"{what} cannot be read: {type(error).__name__}: {error}") from error


def system_reader(platform: str = sys.platform) -> Any:
    """Return psutil, or on Linux an object with the same interface. Raises UnreadableError if psutil is missing."""
    if platform == "linux":
        from .linux import Linux

        return Linux()
    try:
        import psutil
    except ImportError:
        raise UnreadableError(
            "the Python package psutil is missing, which is needed on all systems but Linux; install it with "
            "`python3 -m pip install psutil`"
        ) from None
    import warnings

    # psutil warns about files that a container hides; what cannot be read is left out anyway.
    warnings.filterwarnings("ignore", module="psutil")
    return psutil
