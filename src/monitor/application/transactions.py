"""Transactions: repeated after a conflict, and chunked so that intake never waits long for one of them."""

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
    """Repeat a function after TransactionConflict, 4 attempts in all.

    It must open one unit of work, commit it, and do nothing else that can't be done twice.
    """

    @wraps(transaction)
    def run(*args: P.args, **kwargs: P.kwargs) -> T:
        for attempt in range(ATTEMPTS - 1):
            try:
                return transaction(*args, **kwargs)
            except TransactionConflict:
                # Random, or the same two would conflict again.
                time.sleep(random.uniform(0, _PAUSE * 2**attempt))  # noqa: S311 (no secret)
        return transaction(*args, **kwargs)

    return run


log = logging.getLogger(__name__)

CHUNK = 200
"""Servers written in one transaction, in some 50 ms."""
W = TypeVar("W")


def chunks(items: Sequence[T], size: int = CHUNK) -> Iterator[Sequence[T]]:
    """Yield *items* in sequences of at most *size*."""
    for start in range(0, len(items), size):
        yield items[start : start + size]


def in_chunks(
    items: Sequence[T], write: Callable[[Sequence[T]], list[W]], undo: Callable[[list[W]], object], size: int = CHUNK
) -> list[W]:
    """Return the results of *write*, which runs one transaction for each chunk of *items*.

    If one fails, the chunks written before are undone and its error is raised. A crash leaves whole chunks behind, as
    does a chunk that can't be undone, so writing the same items again must do no harm.
    """
    done: list[W] = []
    for chunk in chunks(items, size):
        try:
            done += write(chunk)
        except MonitorError:
            for written in chunks(done, size):
                try:
                    undo([*written])
                except Exception:  # undo the others too, and raise the first error
                    log.exception("part of a failed change could not be undone")
            raise
    return done
