"""What configuration asks for: the notation of files."""

from abc import ABC, abstractmethod
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from monitor.domain.configuration.configuration import Path
from monitor.domain.configuration.values import Plain


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """What a file says. *head*: the comment at its top; *comments*: those before each section."""

    tree: Mapping[str, Plain]
    head: str = ""
    comments: Mapping[str, str]


class ConfigurationFormat(ABC):
    @abstractmethod
    def read(self, text: str) -> Plain:
        """Return what a file says; an empty one is an empty mapping. Raises InvalidInput naming "config"."""

    @abstractmethod
    def lines(self, text: str, paths: Collection[Path]) -> Mapping[Path, int]:
        """Return the line, from 1, of each of these places, or of what is nearest around it."""

    @abstractmethod
    def write(self, written: Written) -> str:
        """Return the same text for the same content, which `read` reads as `written.tree`."""
