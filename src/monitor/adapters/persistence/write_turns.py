"""SQLite has one writer at a time. Those who wait for it sleep and try again, ever longer: beside a writer that hardly
rests they waited for over a second. Within a process writers queue up here instead, and wake when their turn comes."""

import threading
from collections import deque

from monitor.domain.errors import TransactionConflict

TURNS, TURN = "write_turns", "write_turn"
"""Execution options: an engine's `WriteTurns`; and a connection's own `WriteTurn`, which says that it writes."""


class WriteTurns:
    """A lock that is handed over in the order of asking."""

    def __init__(self, patience: float) -> None:
        """*patience*: how long to wait for a turn, in seconds."""
        self._patience = patience
        self._guard = threading.Lock()
        self._taken = False
        self._waiting: deque[threading.Event] = deque()

    @property
    def waiting(self) -> int:
        """How many wait for a turn."""
        return len(self._waiting)

    def wait(self) -> None:
        """Raises TransactionConflict."""
        with self._guard:
            if not self._taken:
                self._taken = True
                return
            called = threading.Event()
            self._waiting.append(called)
        try:
            if called.wait(self._patience):
                return
        except BaseException:  # such as Ctrl-C: a turn that nobody takes would never end
            if not self._withdrawn(called):
                self.hand_over()
            raise
        if self._withdrawn(called):
            raise TransactionConflict(f"no turn to write within {self._patience} s")

    def hand_over(self) -> None:
        with self._guard:
            if self._waiting:
                self._waiting.popleft().set()
            else:
                self._taken = False

    def _withdrawn(self, called: threading.Event) -> bool:
        """False where it was called after all, just now."""
        with self._guard:
            if called.is_set():
                return False
            self._waiting.remove(called)
            return True


class WriteTurn:
    """One unit of work's, from its first statement to its end."""

    def __init__(self, turns: WriteTurns) -> None:
        self._turns = turns
        self._is_mine = False

    def take(self) -> None:
        """Once is enough. Raises TransactionConflict."""
        if not self._is_mine:
            self._turns.wait()
            self._is_mine = True

    def close(self) -> None:
        if self._is_mine:
            self._is_mine = False
            self._turns.hand_over()
