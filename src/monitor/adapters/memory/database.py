import threading
from collections import defaultdict
from collections.abc import Iterator
from itertools import count

from monitor.adapters.memory.state import Draft, State


class Database:
    """One committed state that everybody may read, and one writer at a time who may replace it."""

    def __init__(self) -> None:
        self.state = State()
        self._ids: defaultdict[str, Iterator[int]] = defaultdict(lambda: count(1))
        self._writing = threading.Lock()
        self._writer: int | None = None

    def begin(self) -> Draft:
        """Waits for the present writer to end. Raises RuntimeError where that is this very thread."""
        me = threading.get_ident()
        if self._writer == me:
            raise RuntimeError("this thread has a unit of work open already; a second one would wait for it for ever")
        self._writing.acquire()
        self._writer = me
        return Draft(self.state)

    def end(self) -> None:
        self._writer = None
        self._writing.release()

    def publish(self, draft: Draft) -> Draft:
        """A new draft, on top of what is now committed."""
        self.state = draft.published()
        return Draft(self.state)

    def next_id(self, table: str) -> int:
        """From 1, and none twice, even where the row is rolled back or deleted. For the writer."""
        return next(self._ids[table])
