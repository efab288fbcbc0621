"""Reading variables. A wrong value becomes one line that names its variable."""

from collections.abc import Callable, Mapping
from typing import TypeVar

T = TypeVar("T")


class SettingsError(Exception):
    """Its text is the one line."""


class Environment:
    """An empty variable counts as absent."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._environ = environ

    def exactly(self, name: str, parse: Callable[[str], T]) -> T | None:
        """None where absent."""
        text = self._environ.get(name)
        if not text:
            return None
        try:
            text.encode()
        except UnicodeEncodeError:
            raise SettingsError(f"{name}: must be UTF-8") from None
        try:
            return parse(text)
        except ValueError as error:
            raise SettingsError(f"{name}: {error}") from None

    def text(self, name: str) -> str | None:
        return self.exactly(name, str)

    def parsed(self, name: str, parse: Callable[[str], T], default: T) -> T:
        found = self.exactly(name, lambda text: parse(text.strip()))
        return default if found is None else found
