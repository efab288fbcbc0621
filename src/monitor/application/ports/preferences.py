from abc import ABC, abstractmethod
from collections.abc import Mapping


class Preferences(ABC):
    """What administrators set while the product runs, by name; values are numbers."""

    @abstractmethod
    def all(self) -> dict[str, float]:
        """What was set; a name that never was is absent."""

    @abstractmethod
    def save(self, values: Mapping[str, float]) -> None:
        """Set these; the others stay as they are."""
