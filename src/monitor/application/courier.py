"""Keeps the outbox empty: claims what is due, and sends to several targets at a time."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from monitor.application.delivery import DeliverNotifications, Parcel

SENDERS = 4
"""Targets told at a time: three of them may hang on a dead mail server, and the others still get theirs."""


class Courier:
    """*on_error* is told of what no delivery should raise; its notifications are tried again after their lease."""

    def __init__(self, deliver: DeliverNotifications, on_error: Callable[[Exception], None]) -> None:
        self._deliver = deliver
        self._on_error = on_error
        self._pool = ThreadPoolExecutor(SENDERS, thread_name_prefix="courier")
        self._free = threading.Semaphore(SENDERS)

    def round(self) -> int:
        """Claim what is due and hand it to the senders; the number of targets. Waits while all senders are busy."""
        targets = self._deliver.claim()
        for parcels in targets:
            self._free.acquire()
            self._pool.submit(self._send, parcels)
        return len(targets)

    def _send(self, parcels: list[Parcel]) -> None:
        try:
            self._deliver.deliver(parcels)
        except Exception as error:
            self._on_error(error)
        finally:
            self._free.release()

    def close(self) -> None:
        """What is being sent is finished; what was claimed and not begun is taken up again when its lease is over."""
        self._pool.shutdown(wait=True, cancel_futures=True)
