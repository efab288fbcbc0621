"""A transaction that met another one runs again, whole."""

import random
import time
from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

from monitor.domain.errors import TransactionConflict

P = ParamSpec("P")
T = TypeVar("T")
ATTEMPTS = 4
_PAUSE = 0.02
"""Seconds at most before the second attempt; twice as long before each further one.

Unlike those of `domain.pauses` they are drawn at random, and too few to need a longest one.
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
