"""Turns to write to SQLite, which has one writer at a time.

Connections that wait for it sleep and try again, ever longer: beside a writer that hardly rests they waited for over a
second. Within a process writers queue up here instead, and wake when their turn comes.
"""

from monitor.application.fair_lock import FairLock
from monitor.domain.errors import TransactionConflict

TURNS, TURN = "write_turns", "write_turn"
"""Execution options: an engine's `FairLock`; and a connection's own `WriteTurn`, which says that it writes."""
PATIENCE = 15.0
"""Seconds to wait for another writer, of this process or of another one."""


class WriteTurn:
    """One unit of work's, from its first statement to its end."""

    def __init__(self, turns: FairLock, patience: float = PATIENCE) -> None:
        """*patience*: how long to wait for the turn, in seconds."""
        self._turns = turns
        self._patience = patience
        self._is_mine = False

    def take(self) -> None:
        """Once is enough. Raises TransactionConflict."""
        if self._is_mine:
            return
        if not self._turns.acquire(self._patience):
            raise TransactionConflict(f"no turn to write within {self._patience} s")
        self._is_mine = True

    def close(self) -> None:
        if self._is_mine:
            self._is_mine = False
            self._turns.release()
