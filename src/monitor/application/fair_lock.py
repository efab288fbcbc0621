"""A lock for threads that take it again and again, and threads that must not wait for all of that."""

import threading
from collections import deque


class FairLock:
    """Lock that goes to threads in the order in which they ask.

    Python's own lock mostly returns to the thread that has just released it.
    """

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._waiting: deque[threading.Lock] = deque()
        self._taken = False

    def acquire(self, patience: float = -1) -> bool:
        """Return True once this thread has the lock, False after *patience* seconds; -1 waits without end."""
        with self._guard:
            if not self._taken:
                self._taken = True
                return True
            turn = threading.Lock()
            turn.acquire()
            self._waiting.append(turn)
        try:
            return turn.acquire(timeout=patience) or not self._withdrawn(turn)
        except BaseException:  # such as Ctrl-C: without this the lock would stay handed over to no thread
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
        """Number of threads that wait."""
        return len(self._waiting)

    def _withdrawn(self, turn: threading.Lock) -> bool:
        """Stop waiting. Return False if the lock was handed over meanwhile."""
        with self._guard:
            if turn not in self._waiting:
                return False
            self._waiting.remove(turn)
            return True
