"""A thread that talks to the server, so that a server which hangs never delays a sample."""

from __future__ import annotations

import threading
from collections.abc import Callable
from queue import SimpleQueue
from typing import Any

from .answers import Answer
from .uplink import Parcel


class Courier:
    """Delivers one parcel after the other and puts each answer into *inbox*."""

    def __init__(self, deliver: Callable[[Parcel], Answer], inbox: SimpleQueue[Any]) -> None:
        self._deliver = deliver
        self._inbox = inbox
        self._outbox: SimpleQueue[Parcel] = SimpleQueue()
        # A daemon: the process must not wait for a server that hangs when it is told to end.
        threading.Thread(target=self._run, name="courier", daemon=True).start()

    def send(self, parcel: Parcel) -> None:
        """Hand over *parcel*; returns at once."""
        self._outbox.put(parcel)

    def _run(self) -> None:
        while True:
            self._inbox.put(self._deliver(self._outbox.get()))
