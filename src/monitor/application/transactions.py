"""A transaction that met another one runs again, whole."""

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

from monitor.domain.errors import TransactionConflict

P = ParamSpec("P")
T = TypeVar("T")
ATTEMPTS = 4


def retried(transaction: Callable[P, T]) -> Callable[P, T]:
    """For a function that opens one unit of work, commits it, and does nothing else that can't be done twice."""

    @wraps(transaction)
    def run(*args: P.args, **kwargs: P.kwargs) -> T:
        for _ in range(ATTEMPTS - 1):
            try:
                return transaction(*args, **kwargs)
            except TransactionConflict:
                continue
        return transaction(*args, **kwargs)

    return run
