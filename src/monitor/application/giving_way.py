"""Background work that gives way to requests: both share one interpreter. See decision 80."""

import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from monitor.application.fair_lock import FairLock

SHORT = 0.0005
"""Seconds after which a thread lets a waiting one run, while there is background work. The default is 0.005."""
LONG = 0.02
"""Seconds from which on a step is followed by a pause of PAUSES times its length; after a shorter one it is as long."""
PAUSES, LONGEST_PAUSE = 3, 0.1
_turn, _guard = FairLock(), threading.Lock()
_usual: list[float] = []
"""The interval of before, once for each thread that works in the background now: the last one sets it again."""


@contextmanager
def background() -> Iterator[None]:
    """Let waiting threads run sooner than usual, while this thread works in the background."""
    with _guard:
        _usual.append(_usual[0] if _usual else sys.getswitchinterval())
        sys.setswitchinterval(SHORT)
    try:
        yield
    finally:
        with _guard:
            usual = _usual.pop()
            if not _usual:
                sys.setswitchinterval(usual)


@contextmanager
def step() -> Iterator[None]:
    """Do a part of long background work, one thread at a time. Then requests have time for themselves."""
    with _turn:
        began = time.monotonic()
        yield
        took = time.monotonic() - began
        if took > SHORT:  # during a shorter one no waiting thread lost its turn
            time.sleep(took if took < LONG else min(PAUSES * took, LONGEST_PAUSE))
