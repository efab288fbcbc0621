"""Where the next page begins: opaque to clients, carried in the header `X-Next-Cursor`."""

import base64
import binascii
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import TypeVar

from monitor.domain.errors import InvalidInput, Problem
from monitor.domain.servers import ServerId

T = TypeVar("T")
HEADER = "X-Next-Cursor"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def page(found: Sequence[T], limit: int | None, cursor_of: Callable[[T], str]) -> tuple[Sequence[T], dict[str, str]]:
    """The first *limit* of *found*, which was asked for one more than that, and the header that names the next page."""
    if limit is None or len(found) <= limit:
        return found, {}
    return found[:limit], {HEADER: cursor_of(found[limit - 1])}


def of_numbers(*numbers: int) -> str:
    return base64.urlsafe_b64encode(",".join(map(str, numbers)).encode()).decode().rstrip("=")


def to_numbers(cursor: str, count: int) -> list[int]:
    """Raises InvalidInput naming "cursor"."""
    try:
        text = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True).decode("ascii")
        numbers = [int(part) for part in text.split(",")]
        if len(numbers) != count or not all(abs(number) < 2**62 for number in numbers):
            raise ValueError
    except (ValueError, binascii.Error):
        raise InvalidInput({"cursor": Problem("invalid_cursor")}) from None
    return numbers


def of_sample(recorded_at: datetime, server_id: ServerId) -> str:
    return of_numbers((recorded_at - _EPOCH) // timedelta(microseconds=1), server_id)


def to_sample(cursor: str) -> tuple[datetime, ServerId]:
    """Raises InvalidInput naming "cursor"."""
    microseconds, server_id = to_numbers(cursor, 2)
    try:
        return _EPOCH + timedelta(microseconds=microseconds), ServerId(server_id)
    except OverflowError:
        raise InvalidInput({"cursor": Problem("invalid_cursor")}) from None
