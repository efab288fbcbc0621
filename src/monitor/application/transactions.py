"""A transaction that met another one runs again, whole.

Much work in small transactions: intake, which waits for each of them, never waits for all.
"""

import logging
import random
import time
from collections.abc import Callable, Iterator, Sequence
from functools import wraps
from typing import ParamSpec, TypeVar

from monitor.domain.errors import MonitorError, TransactionConflict

P = ParamSpec("P")
T = TypeVar("T")
ATTEMPTS = 4
_PAUSE = 0.02
"""Seconds at most before the second attempt; twice as long before each further one.

Unlike those of `domain.times.doubled` they are drawn at random, and too few to need a longest one.
"""


def retried(transaction: Callable[P, T]) -> Callable[P, T]:
    """For a function that opens one unit of work, commits it, and does nothing else that can't be done twice."""

    @wraps(transaction)
    def run(*args: P.args, **kwargs: P.kwargs) -> T:
        for attempt in range(ATTEMPTS - 1):
            try:
                return transaction(*args, **kwargs)
            except TransactionConflict:
                # At random, or the two would meet again.
                time.sleep(random.uniform(0, _PAUSE * 2**attempt))  # noqa: S311 (no secret)
        return transaction(*args, **kwargs)

    return run


log = logging.getLogger(__name__)

STEP = 200
"""Servers written in one transaction: some 50 ms."""
W = TypeVar("W")


def parts(items: Sequence[T], size: int = STEP) -> Iterator[Sequence[T]]:
    """*items* in sequences of at most *size*."""
    for start in range(0, len(items), size):
        yield items[start : start + size]


def in_steps(
    items: Sequence[T], write: Callable[[Sequence[T]], list[W]], undo: Callable[[list[W]], object], size: int = STEP
) -> list[W]:
    """What *write*, a transaction for each part, made of all *items*.

    Where one of them fails, what the others wrote is undone, and the error raised. A crash, or a part that can't be
    undone, leaves whole parts: so it must do no harm to write the same once more.
    """
    done: list[W] = []
    for part in parts(items, size):
        try:
            done += write(part)
        except MonitorError:
            for written in parts(done, size):
                try:
                    undo([*written])
                except Exception:  # the others are to be undone, and the first error is the one to tell
                    log.exception("part of a failed change could not be undone")
            raise
    return done
