"""Which serving processes live; what a dead one held is free again. See decision 8."""

from collections.abc import Callable
from dataclasses import dataclass

from monitor.application.operations.ports import UnitOfWork
from monitor.application.transactions import retried

PATIENCE = 5
"""Looks: whose number has not risen for so many is dead."""


@dataclass(slots=True)
class _Other:
    number: int
    unmoved: int = 0
    """Looks since *number* last rose."""


class WatchProcesses:
    """Run every one or two seconds, by a thread that does nothing else.

    Counts its looks and reads no clock: clocks of several machines differ, and a process that was paused itself has
    seen nothing of the others.
    """

    def __init__(self, new_uow: Callable[[], UnitOfWork], process: str) -> None:
        self._new_uow = new_uow
        self._process = process
        self._others: dict[str, _Other] = {}

    def __call__(self) -> None:
        """Raises StorageUnavailable, TransactionConflict; the look does not count then."""
        numbers = self._look()
        for process in self._others.keys() - numbers.keys():
            del self._others[process]
        for process, number in numbers.items():
            other = self._others.setdefault(process, _Other(number, unmoved=-1))
            other.unmoved = other.unmoved + 1 if other.number == number else 0
            other.number = number
            if other.unmoved >= PATIENCE:
                self._free(process, number)

    def leave(self) -> None:
        """At an orderly stop: nobody need wait until this one is found dead."""
        self._free(self._process)

    @retried
    def _look(self) -> dict[str, int]:
        """The numbers of the others."""
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
                uow.commit()
