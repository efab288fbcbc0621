"""The ways in which a post can end."""

from dataclasses import dataclass


class DestinationRefused(Exception):
    """The address is not allowed; the text says which."""


class Unreachable(Exception):
    """There was no response; the text says why, in one line."""


@dataclass(frozen=True, slots=True)
class Response:
    """Status and body. *body*: at most the first 64 kB, not decompressed."""

    status: int
    body: bytes
