"""Turns for writers of SQLite, which has one writer at a time.

Waiting connections sleep and try again after growing pauses: beside a busy writer they waited for over a second. So the
writers of a process queue up here instead, and wake when it is their turn.
"""

from monitor.application.fair_lock import FairLock
from monitor.domain.errors import TransactionConflict

TURNS, TURN = "write_turns", "write_turn"
"""Execution options: the `FairLock` of an engine, and the `WriteTurn` of a connection that writes."""
PATIENCE = 15.0
"""Seconds to wait for another writer, of any process."""


class WriteTurn:
    """Turn of one unit of work, from its first statement to its end."""

    def __init__(self, turns: FairLock, patience: float = PATIENCE) -> None:
        """*patience*: seconds to wait for the turn."""
        self._turns = turns
        self._patience = patience
        self._is_mine = False

    def take(self) -> None:
        """Wait for the turn, unless it is taken already. Raises TransactionConflict."""
        if self._is_mine:
            return
        if not self._turns.acquire(self._patience):
            raise TransactionConflict(f"no turn to write within {self._patience} s")
        self._is_mine = True

    def close(self) -> None:
        if self._is_mine:
            self._is_mine = False
            self._turns.release()
