"""The envelope of every JSON answer under /api."""

from typing import Generic, TypeVar

from msgspec import Struct

from monitor.adapters.http.edge.words.messages import success

T = TypeVar("T")


class Envelope(Struct, Generic[T], frozen=True):
    """*code* equals the HTTP status."""

    code: int
    msg: str
    data: T


class ErrorData(Struct, frozen=True, omit_defaults=True):
    """*fields* (name to problem) only for invalid input; *what* and *limit* only when a quota is reached."""

    reason: str
    fields: dict[str, str] | None = None
    what: str | None = None
    limit: int | None = None


def ok(data: T, message: str = "fetched") -> Envelope[T]:
    return Envelope(200, success(message), data)
