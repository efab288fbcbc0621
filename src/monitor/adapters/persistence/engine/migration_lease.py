"""Lets one process migrate at a time, also through different nodes of a cluster, where GET_LOCK is local to a node.

The holder raises a number while it lives. Who waits counts how often it saw the same one, and compares no clocks. It
counts only what it saw after a write of its own: a statement that changes a table may stop all writes of a cluster for
minutes, and the holder's with them.
"""

import secrets
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

from sqlalchemy import Connection, Engine, event, text

from monitor.adapters.persistence.engine.engine import connected
from monitor.application.transactions import retried
from monitor.domain.errors import StorageUnavailable, Unavailable

TABLE = "migration_lease"
"""Not one of the schema: it is needed before there is a schema."""
LOOKS = 10
"""Looks at the same number, a second apart, after which the holder counts as dead."""
_PAUSE = 1.0
"""Seconds between two looks, and between two of the holder's numbers."""
_SURE = 5.0
"""Seconds after its last number for which the holder cannot count as dead."""

# The second row is raised by those who wait.
_MAKE = text(
    "CREATE TABLE IF NOT EXISTS migration_lease (id INTEGER PRIMARY KEY, holder VARCHAR(64) NOT NULL, "
    "number BIGINT NOT NULL) ENGINE=InnoDB"
)
_FILL = text("INSERT IGNORE INTO migration_lease VALUES (1, '', 0), (2, '', 0)")
_WRITE = text("UPDATE migration_lease SET number = number + 1 WHERE id = 2")
_LOOK = text("SELECT holder, number FROM migration_lease WHERE id = 1")
_TAKE = text(
    "UPDATE migration_lease SET holder = :me, number = number + 1 "
    "WHERE id = 1 AND holder = :holder AND number = :number"
)
_RAISE = text("UPDATE migration_lease SET number = number + 1 WHERE id = 1 AND holder = :me")
_FREE = text("UPDATE migration_lease SET holder = '' WHERE id = 1 AND holder = :me")


@contextmanager
def alone(engine: Engine, migrating: Connection, patience: float) -> Iterator[None]:
    """Keep out other processes. A statement on *migrating* fails if another took over. *engine* connects for the lease.

    Raises StorageUnavailable after *patience* seconds in which another migrated.
    """
    lease = _Lease(engine)
    lease.take(patience)
    ended = threading.Event()
    keeper = threading.Thread(target=lease.keep, args=(ended,), name="migration-lease", daemon=True)

    def check(*_: Any) -> None:
        lease.check()

    event.listen(migrating, "before_cursor_execute", check)
    keeper.start()
    try:
        yield
    finally:
        event.remove(migrating, "before_cursor_execute", check)
        ended.set()
        keeper.join()
        with suppress(Unavailable):  # it ends by itself
            lease.free()


class _Lease:
    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._me = secrets.token_hex(16)
        self._sure_until = 0.0

    def take(self, patience: float) -> None:
        give_up = time.monotonic() + patience
        self._change(_MAKE)
        self._change(_FILL)
        seen, looks = None, 0
        while True:
            found, is_mine = self._look(is_dead=looks >= LOOKS, seen=seen)
            if is_mine:
                self._sure_until = time.monotonic() + _SURE
                return
            if time.monotonic() > give_up:
                raise StorageUnavailable("another process is migrating the database")
            seen, looks = found, looks + 1 if found == seen else 1
            time.sleep(_PAUSE)

    @retried
    def _look(self, *, is_dead: bool, seen: tuple[str, int] | None) -> tuple[tuple[str, int], bool]:
        """Return the holder and its number, and whether the lease was free, or that of a dead one, and is now ours."""
        with connected(self._engine) as connection:
            connection.execute(_WRITE)
            holder, number = connection.execute(_LOOK).one()
            is_mine = False
            if not holder or (is_dead and (holder, number) == seen):
                taken = {"me": self._me, "holder": holder, "number": number}
                is_mine = connection.execute(_TAKE, taken).rowcount > 0
            connection.commit()
        return (holder, number), is_mine

    def keep(self, ended: threading.Event) -> None:
        """Raise the number until *ended*."""
        while not ended.wait(_PAUSE):
            with suppress(Unavailable):  # `check` asks again
                self._raise()

    def check(self) -> None:
        """Raise StorageUnavailable if another process took over, which it may have while this one stood still."""
        if time.monotonic() > self._sure_until:
            self._raise()

    def _raise(self) -> None:
        began = time.monotonic()
        if not self._change(_RAISE):
            raise StorageUnavailable("another process took over the migration of the database")
        self._sure_until = began + _SURE

    def free(self) -> None:
        self._change(_FREE)

    @retried
    def _change(self, statement: Any) -> bool:
        """Return whether any row was changed."""
        with connected(self._engine) as connection:
            rows = connection.execute(statement, {"me": self._me}).rowcount
            connection.commit()
        return rows > 0
