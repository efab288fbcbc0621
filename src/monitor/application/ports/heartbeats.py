from abc import ABC, abstractmethod


class Heartbeats(ABC):
    """A number for each serving process, which rises while the process lives."""

    @abstractmethod
    def beat(self, process: str) -> None:
        """Raise its number by one; a new process begins with 1."""

    @abstractmethod
    def numbers(self) -> dict[str, int]:
        """Of every process that has one."""

    @abstractmethod
    def end(self, process: str, at: int | None = None) -> bool:
        """Forget the process, if its number still is *at*; None: whatever it is. Whether it was forgotten.

        The row stays locked until the unit of work ends: what commits together with it is done to a process that has
        not beaten since.
        """
