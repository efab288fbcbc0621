"""Whose turn it is among senders that share a worker: whose work has taken the least time so far."""

from collections.abc import Hashable, Iterable
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)


class Shares(Generic[K]):
    """A sender that comes anew, or again, begins with what the one had taken whose turn was last: nobody saves up."""

    def __init__(self) -> None:
        self._taken: dict[K, float] = {}
        self._least = 0.0

    def next(self, waiting: Iterable[K], slack: float = 0.0) -> list[K]:
        """Return whose turn it is: who has taken least, and those who have taken at most *slack* seconds more."""
        taken = {sender: self._of(sender) for sender in waiting}
        self._least = min(taken.values())
        self._taken = {sender: seconds for sender, seconds in self._taken.items() if seconds > self._least}
        return sorted((each for each in taken if taken[each] <= self._least + slack), key=taken.__getitem__)

    def took(self, sender: K, seconds: float) -> None:
        self._taken[sender] = self._of(sender) + seconds

    def _of(self, sender: K) -> float:
        return max(self._taken.get(sender, 0.0), self._least)
