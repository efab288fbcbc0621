"""Cursors: where the next page begins. Opaque to clients, sent in the header `X-Next-Cursor`."""

import base64
from datetime import datetime
from typing import Any

from monitor.domain.errors import InvalidInput, Problem
from monitor.domain.fleet.servers import ServerId
from monitor.domain.times import microseconds, moment

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


def of_entry(last: Any) -> str:
    """Return the place of an entry in a log: its time and id."""
    return of_numbers(microseconds(last.at), last.id)


def to_entry(cursor: str | None) -> tuple[datetime, int] | None:
    """Raises InvalidInput naming "cursor"."""
    return None if cursor is None else _to_place(cursor)


def of_sample(recorded_at: datetime, server_id: ServerId) -> str:
    return of_numbers(microseconds(recorded_at), server_id)


def to_sample(cursor: str) -> tuple[datetime, ServerId]:
    """Raises InvalidInput naming "cursor"."""
    at, server_id = _to_place(cursor)
    return at, ServerId(server_id)


def _to_place(cursor: str) -> tuple[datetime, int]:
    at, number = to_numbers(cursor, 2)
    try:
        return moment(at), number
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
