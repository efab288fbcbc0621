"""Transactions: repeated after a conflict, and chunked so that intake never waits long for one of them."""

import logging
import random
import time
from collections.abc import Callable, Iterator, Sequence
from functools import wraps
from typing import ParamSpec, TypeVar

from monitor.domain.errors import MonitorError, TransactionConflict, TransactionLost

P = ParamSpec("P")
T = TypeVar("T")
PATIENCE = 6.0
"""Seconds after which a transaction is not repeated any more: room for one wait for a lock, which ends after five, and
for the time in which a cluster finds out that a node died."""
_PAUSE, _LONGEST_PAUSE = 0.02, 1.0
"""Seconds at most before the second attempt; twice as long before each further one, up to the longest.

Unlike those of `domain.times.doubled` they are drawn at random.
"""


def retried(transaction: Callable[P, T], patience: float = PATIENCE) -> Callable[P, T]:
    """Repeat a function after TransactionConflict and TransactionLost, for *patience* seconds since its first call.

    It must open one unit of work, commit it, and do nothing else that can't be done twice.
    """

    @wraps(transaction)
    def run(*args: P.args, **kwargs: P.kwargs) -> T:
        give_up, longest = time.monotonic() + patience, _PAUSE
        while True:
            try:
                return transaction(*args, **kwargs)
            except (TransactionConflict, TransactionLost):
                # Random, or the same two would conflict again.
                pause = random.uniform(0, longest)  # noqa: S311 (no secret)
                if time.monotonic() + pause > give_up:
                    raise
            time.sleep(pause)
            longest = min(2 * longest, _LONGEST_PAUSE)

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
    items: Sequence[T], write: Callable[[Sequence[T]], list[W]], undo: Callable[[list[W]], object]
) -> list[W]:
    """Return the results of *write*, which runs one transaction for each chunk of *items*.

    If one fails, the chunks written before are undone and its error is raised. A crash leaves whole chunks behind, as
    does a chunk that can't be undone, so writing the same items again must do no harm.
    """
    done: list[W] = []
    for chunk in chunks(items):
        try:
            done += write(chunk)
        except MonitorError:
            for written in chunks(done):
                try:
                    undo([*written])
                except Exception:  # undo the others too, and raise the first error
                    log.exception("part of a failed change could not be undone")
            raise
    return done
