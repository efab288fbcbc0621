"""What every JSON answer under /api shares: its envelope, the form of times, and the cursor of the next page."""

import base64
import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import lru_cache
from typing import Any, Generic, TypeVar

from msgspec import Struct

from monitor.adapters.http.edge.messages import success
from monitor.domain.errors import InvalidInput, Problem
from monitor.domain.fleet.servers import ServerId
from monitor.domain.times import microseconds, moment

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


_SHAPE = re.compile(
    r"\d{4}-\d\d-\d\d[ Tt]\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:[Zz]|[+-]\d\d:\d\d)?",
    re.ASCII,
)
_HEADER = re.compile(r"[A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d GMT", re.ASCII)


def written(at: datetime) -> str:
    return at.isoformat(" ", "seconds")[:19]


def parsed(text: str, field: str) -> datetime:
    """Parse the API's format or RFC 3339. Without an offset: UTC. Cuts fractions after microseconds.

    Raises InvalidInput naming *field*.
    """
    try:
        if not _SHAPE.fullmatch(text):
            raise ValueError
        at = datetime.fromisoformat(text.upper())
        return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
    except (ValueError, OverflowError):
        raise InvalidInput({field: Problem("invalid_time")}) from None


@lru_cache(maxsize=256)
def of_header(text: str) -> datetime | None:
    """Parse an HTTP `Date` header; None if it is not valid. Cached: within a second most hosts send the same."""
    try:
        return parsedate_to_datetime(text) if _HEADER.fullmatch(text) else None
    except ValueError:
        return None


HEADER = "X-Next-Cursor"


def of_numbers(*numbers: int) -> str:
    return _packed(*map(str, numbers))


def of_id(last: Any) -> str:
    return of_numbers(last.id)


def to_numbers(cursor: str, count: int) -> list[int]:
    """Raises InvalidInput naming "cursor"."""
    try:
        numbers = [int(part) for part in _unpacked(cursor)]
        if len(numbers) != count or not all(abs(number) < 2**62 for number in numbers):
            raise ValueError
    except ValueError:
        raise InvalidInput({"cursor": Problem("invalid_cursor")}) from None
    return numbers


def to_id(cursor: str | None) -> int | None:
    """Return the last id of the previous page. Raises InvalidInput naming "cursor"."""
    return None if cursor is None else to_numbers(cursor, 1)[0]


def of_sample(recorded_at: datetime, server_id: ServerId) -> str:
    return of_numbers(microseconds(recorded_at), server_id)


def to_sample(cursor: str) -> tuple[datetime, ServerId]:
    """Raises InvalidInput naming "cursor"."""
    at, server_id = to_numbers(cursor, 2)
    try:
        return moment(at), ServerId(server_id)
    except OverflowError:
        raise InvalidInput({"cursor": Problem("invalid_cursor")}) from None


def of_host(last_seen_at: datetime, ip_address: str) -> str:
    return _packed(str(microseconds(last_seen_at)), ip_address)


def to_host(cursor: str) -> tuple[datetime, str]:
    """Raises InvalidInput naming "cursor"."""
    try:
        at, ip_address = _unpacked(cursor)
        return moment(int(at)), ip_address
    except (ValueError, OverflowError):
        raise InvalidInput({"cursor": Problem("invalid_cursor")}) from None


def _packed(*parts: str) -> str:
    return base64.urlsafe_b64encode(",".join(parts).encode()).decode().rstrip("=")


def _unpacked(cursor: str) -> list[str]:
    """Raises ValueError."""
    padded = cursor + "=" * (-len(cursor) % 4)
    return base64.b64decode(padded, altchars=b"-_", validate=True).decode("ascii").split(",")
