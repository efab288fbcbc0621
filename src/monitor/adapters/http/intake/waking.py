"""Tell those who wait for a commit that it is done, on the event loop."""

import asyncio
from collections.abc import Sequence
from typing import Protocol

import structlog

log = structlog.get_logger()


class Waiting(Protocol):
    """*waiter*: a future, or what is called with the submission."""

    waiter: object


def wake(done: Sequence[Waiting]) -> None:
    for each in done:
        waiter = each.waiter
        if isinstance(waiter, asyncio.Future):
            if not waiter.done():
                waiter.set_result(None)
        elif callable(waiter):
            try:
                waiter(each)
            except Exception:  # the others get theirs
                log.exception("a sample got no answer")
