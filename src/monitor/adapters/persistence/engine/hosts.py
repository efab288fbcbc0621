"""Which of several database servers all connections of a process lead to: the first that can write.

One process must not write to two servers at once. So when another server is chosen, the connections to the one before
are cut, also those in use: what they have not committed fails, and runs again on the new one.
"""

import logging
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import TimeoutError as TooLate
from dataclasses import dataclass, field
from typing import Any, NamedTuple
from weakref import WeakSet

from monitor.domain.errors import StorageUnavailable

TRUSTED = 3.0
"""Seconds for which a server that could write is not asked again before a new connection."""
LOOK = 5.0
"""Seconds between two looks at the hosts that come before the chosen one."""
RETURNS = 3
"""Looks in a row at which such a host could write, after which it is used again."""
TOO_LATE = 3.0
"""Seconds after which a host that has not said whether it can write counts as one that can't."""
_PAUSE = 1.0
"""Seconds to wait before all hosts are asked again, after none could write."""

Opening = Callable[[Any], object]

log = logging.getLogger(__name__)


class Address(NamedTuple):
    host: str
    port: int

    def __str__(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


class HostIsFull(Exception):
    """A server takes no further connection now."""


@dataclass(eq=False)
class Hosts:
    """Servers in the order in which they are preferred. All methods may be called by any thread.

    *refusal*: returns why a server can't write, in a few seconds; "" if it can. Raises HostIsFull, among others. *cut*:
    ends a connection of the driver that another thread may be using.
    """

    addresses: Sequence[Address]
    refusal: Callable[[Address], str]
    cut: Callable[[Any], object]
    clock: Callable[[], float] = time.monotonic
    chosen: Address | None = None
    """The server that was chosen last, if any. It may have ceased to answer."""
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _open: WeakSet[Any] = field(default_factory=WeakSet)
    _good_until: float = 0.0
    _refused: str = ""
    _refused_until: float = 0.0
    _look_at: float = 0.0
    _returning: tuple[Address | None, int] = (None, 0)

    def connect(self, connect_to: Callable[[Address, Opening], Any]) -> Any:
        """Return a new connection to the server to use. Raises StorageUnavailable if none can write.

        *connect_to* hands each connection to its second argument before it waits for the server.
        """
        address = self._choose()
        try:
            connection = connect_to(address, self._opening)
        except Exception:  # it may have died, or another was chosen, since it was asked
            self._doubt(address)
            address = self._choose()
            connection = connect_to(address, self._opening)
        with self._lock:
            if address == self.chosen:
                self._open.add(connection)  # again: others may have been chosen meanwhile, and this one at last
                return connection
        self.cut(connection)  # it was not open yet when the others were cut
        return self.connect(connect_to)

    def _opening(self, connection: Any) -> None:
        with self._lock:
            self._open.add(connection)

    def watch(self) -> None:
        """Run every second: leave a server that can't write any more, and return to a better one that can again.

        Raises StorageUnavailable if none can write.
        """
        self._choose(trusted=False)
        now = self.clock()
        if now < self._look_at:
            return
        self._look_at = now + LOOK
        best = self._first(self.addresses[: self.addresses.index(self.chosen)]) if self.chosen else None
        times = self._returning[1] + 1 if best == self._returning[0] else 1
        self._returning = best, times
        if best is not None and times >= RETURNS:
            with self._lock:
                self._move(best)

    def _choose(self, *, trusted: bool = True) -> Address:
        with self._lock:
            now = self.clock()
            if trusted and self.chosen is not None and now < self._good_until:
                return self.chosen
            if trusted and now < self._refused_until:
                raise StorageUnavailable(self._refused)
            chosen = self.chosen
            if chosen is None or self._first((chosen,)) is None:  # in time, also where its name is not resolved
                chosen = self._found()
            self._good_until = self.clock() + TRUSTED
            return chosen

    def _found(self) -> Address:
        """Choose the first that can write, perhaps the chosen one after all. Raises StorageUnavailable."""
        refusals: list[str] = []
        found = self._first(self.addresses, refusals)
        if found is None:
            self._refused = f"no host can write ({'; '.join(refusals)})"
            self._refused_until = self.clock() + _PAUSE
            self._good_until = 0.0
            raise StorageUnavailable(self._refused)
        self._move(found)
        return found

    def _first(self, addresses: Sequence[Address], refusals: list[str] | None = None) -> Address | None:
        """Return the first that can write. All are asked at once, since one that hangs takes seconds."""
        pool = ThreadPoolExecutor(len(addresses) or 1, thread_name_prefix="database-host")
        give_up = time.monotonic() + TOO_LATE
        try:
            asked = [(address, pool.submit(self._asked, address)) for address in addresses]
            for address, answer in asked:
                try:
                    refusal = answer.result(max(0.0, give_up - time.monotonic()))
                except TooLate:
                    refusal = "it does not answer in time"
                if not refusal:
                    return address
                if refusals is not None:
                    refusals.append(f"{address}: {refusal}")
        finally:
            pool.shutdown(wait=False, cancel_futures=True)
        return None

    def _asked(self, address: Address) -> str:
        try:
            return self.refusal(address)
        except HostIsFull:  # left, the chosen one would have room again, and be returned to
            return "" if address == self.chosen else "it takes no further connection"
        except Exception as error:  # whatever it is: this host is of no use now
            return " ".join(str(error.args[-1] if error.args else error).split()) or repr(error)

    def _doubt(self, address: Address) -> None:
        with self._lock:
            if address == self.chosen:
                self._good_until = 0.0

    def _move(self, address: Address) -> None:
        before, self.chosen = self.chosen, address
        self._good_until = self.clock() + TRUSTED
        self._returning = None, 0
        if before in (None, address):
            return
        log.warning("the database is used at %s from now on, not at %s", address, before)
        cut, self._open = [*self._open], WeakSet()
        for connection in cut:
            self.cut(connection)
