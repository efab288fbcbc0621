"""Keeps the outbox empty: claims what is due, and sends to several targets at a time."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from monitor.application.notifications.delivery import DeliverNotifications, Way
from monitor.application.notifications.grouping import Parcel

SENDERS = 4
"""Targets told at a time: three of them may hang on a dead mail server, and the others still get theirs."""


class Dispatcher:
    """For one *way* out: a mail server that hangs delays mail, and nothing else.

    *on_error* is told of what no delivery should raise; its notifications are tried again after their lease.
    """

    def __init__(self, deliver: DeliverNotifications, on_error: Callable[[Exception], None], way: Way) -> None:
        self._deliver = deliver
        self._way = way
        self._on_error = on_error
        self._pool = ThreadPoolExecutor(SENDERS, thread_name_prefix=f"dispatcher-{way.name.lower()}")
        self._free = threading.Semaphore(SENDERS)

    def round(self) -> int:
        """Hand whatever is due to the senders; the number of targets. Waits while all senders are busy.

        A target is claimed when a sender is free to tell it: waiting in line its lease could run out, and another would
        tell it too.
        """
        told = 0
        while self._hand_over_one():
            told += 1
        return told

    def _hand_over_one(self) -> bool:
        """Whether there was one."""
        self._free.acquire()
        is_handed_over = False
        try:
            for parcels in self._deliver.claim(limit=1, way=self._way):
                self._pool.submit(self._send, parcels)
                is_handed_over = True
        finally:
            if not is_handed_over:
                self._free.release()
        return is_handed_over

    def _send(self, parcels: list[Parcel]) -> None:
        try:
            self._deliver.deliver(parcels)
        except Exception as error:
            self._on_error(error)
        finally:
            self._free.release()

    def close(self) -> None:
        """What is being sent is finished; nothing else was claimed."""
        self._pool.shutdown(wait=True)
