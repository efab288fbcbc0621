"""A lock for threads with many steps to do, and for threads that must not wait for all of them."""

import threading
from collections import deque


class FairLock:
    """Lock that goes to threads in the order in which they ask.

    Python's own goes mostly to the thread that has just released it. This one lets all that wait go first.
    """

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._waiting: deque[threading.Lock] = deque()
        self._taken = False

    def acquire(self, patience: float = -1) -> bool:
        """Return True once the lock is this thread's, False after *patience* seconds; -1 waits without end."""
        with self._guard:
            if not self._taken:
                self._taken = True
                return True
            turn = threading.Lock()
            turn.acquire()
            self._waiting.append(turn)
        try:
            return turn.acquire(timeout=patience) or not self._withdrawn(turn)
        except BaseException:  # such as Ctrl-C: a turn that no thread takes would never end
            if not self._withdrawn(turn):
                self.release()
            raise

    def release(self) -> None:
        """Hand the lock to the thread that has waited longest. Any thread may release it."""
        with self._guard:
            if self._waiting:
                self._waiting.popleft().release()
            else:
                self._taken = False

    def __enter__(self) -> None:
        self.acquire()

    def __exit__(self, *_: object) -> None:
        self.release()

    @property
    def waiting(self) -> int:
        """How many threads wait for it."""
        return len(self._waiting)

    def _withdrawn(self, turn: threading.Lock) -> bool:
        """Give up waiting. Return False where the lock was handed over just now."""
        with self._guard:
            if turn not in self._waiting:
                return False
            self._waiting.remove(turn)
            return True
