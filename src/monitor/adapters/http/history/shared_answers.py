"""Answers that several people, or one with several windows, read at the same time: encoded once."""

import threading
from collections.abc import Callable, Hashable

LARGEST = 4_000_000
"""Bytes of all answers that are kept: twenty thousand servers."""
MOST = 64


class SharedAnswers:
    """Cache of encoded answers of the fleet's newest version, by who may see what is in them. For all threads."""

    def __init__(self, largest: int = LARGEST, most: int = MOST) -> None:
        self._largest = largest
        self._most = most
        self._version = 0
        self._kept: dict[Hashable, bytes] = {}
        self._making = threading.Lock()

    def of(self, version: int, view: Hashable, make: Callable[[], bytes]) -> bytes:
        """Return what *make* returns, or has returned for the same *view* and *version*.

        *version*: of the fleet, read before anything of the answer was. *view*: all else on which the answer depends,
        above all whose it is.
        """
        with self._making:  # who waits here finds the answer that another one made
            if version > self._version:
                self._version = version
                self._kept.clear()
            is_newest = version == self._version
            if is_newest and (found := self._kept.get(view)) is not None:
                return found
            made = make()
            if is_newest:
                self._keep(view, made)
            return made

    def _keep(self, view: Hashable, made: bytes) -> None:
        self._kept[view] = made
        while len(self._kept) > self._most or self.size > self._largest:
            del self._kept[next(iter(self._kept))]

    @property
    def size(self) -> int:
        return sum(map(len, self._kept.values()))
