"""A lock for those who have many steps to do, and those who must not wait for all of them."""

import threading
from collections import deque


class FairLock:
    """Handed over in the order of asking: whoever takes it again at once lets those go first who wait. Python's own is
    mostly taken by the thread that just released it."""

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._waiting: deque[threading.Lock] = deque()
        self._taken = False

    def __enter__(self) -> None:
        with self._guard:
            if not self._taken:
                self._taken = True
                return
            turn = threading.Lock()
            turn.acquire()
            self._waiting.append(turn)
        turn.acquire()

    def __exit__(self, *_: object) -> None:
        with self._guard:
            if self._waiting:
                self._waiting.popleft().release()
            else:
                self._taken = False

    @property
    def waiting(self) -> int:
        """How many wait for it."""
        return len(self._waiting)
