"""Much work in small transactions: intake, which waits for each of them, never waits for all."""

import logging
from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar

from monitor.domain.errors import MonitorError

log = logging.getLogger(__name__)

STEP = 200
"""Servers written in one transaction: some 50 ms."""

T = TypeVar("T")
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
