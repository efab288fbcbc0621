"""How a request to an address that somebody set can end."""

from dataclasses import dataclass


class DestinationRefused(Exception):
    """The address is private or otherwise not to be reached; its text says which."""


class Unreachable(Exception):
    """No answer; its text says in one line why."""


@dataclass(frozen=True, slots=True)
class Answer:
    """*body*: at most the first 64 kB, as they came."""

    status: int
    body: bytes
