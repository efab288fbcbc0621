"""Which serving processes live. What a dead one held is free again. See decision 8."""

from collections.abc import Callable
from dataclasses import dataclass

from monitor.application.operations.ports import UnitOfWork
from monitor.application.transactions import retried

PATIENCE = 5
"""Polls after which a process whose number has not risen is dead."""


@dataclass(slots=True)
class SeenNumber:
    """The last number of another process, and the polls since it rose."""

    number: int
    polls: int = 0


class WatchProcesses:
    """Run every one or two seconds, by a thread that does nothing else.

    Counts polls instead of reading the time: clocks of several machines differ, and a process that was paused has not
    polled.
    """

    def __init__(self, new_uow: Callable[[], UnitOfWork], process: str) -> None:
        self._new_uow = new_uow
        self._process = process
        self._others: dict[str, SeenNumber] = {}

    def __call__(self) -> None:
        """Raises StorageUnavailable, TransactionConflict; such a poll does not count."""
        numbers = self._poll()
        for process in self._others.keys() - numbers.keys():
            del self._others[process]
        for process, number in numbers.items():
            other = self._others.setdefault(process, SeenNumber(number, polls=-1))
            other.polls = other.polls + 1 if other.number == number else 0
            other.number = number
            if other.polls >= PATIENCE:
                self._free(process, number)

    def leave(self) -> None:
        """At an orderly stop, free what this process holds."""
        self._free(self._process)

    @retried
    def _poll(self) -> dict[str, int]:
        """Return the numbers of the others."""
        with self._new_uow() as uow:
            uow.heartbeats.beat(self._process)
            numbers = uow.heartbeats.numbers()
            uow.commit()
        del numbers[self._process]
        return numbers

    @retried
    def _free(self, process: str, number: int | None = None) -> None:
        with self._new_uow() as uow:
            if uow.heartbeats.end(process, number):
                uow.leases.free(process)
                uow.notifications.free(process)
                uow.account_mails.free(process)
                uow.commit()
