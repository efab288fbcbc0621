"""Quiet hours and absences as text, beside users."""

from collections.abc import Callable
from typing import Any, TypeVar

import msgspec
import structlog
from sqlalchemy import Row

from monitor.domain.accounts.availability import QuietHours, Span
from monitor.domain.accounts.users import User
from monitor.domain.errors import InvalidInput

T = TypeVar("T")
log = structlog.get_logger()
_encode = msgspec.json.Encoder().encode
_decode_quiet = msgspec.json.Decoder(QuietHours).decode
_decode_away = msgspec.json.Decoder(tuple[Span, ...]).decode


def availability_columns(user: User) -> dict[str, str | None]:
    return {
        "quiet": None if user.quiet is None else _encode(user.quiet).decode(),
        "away": _encode(user.away).decode() if user.away else None,
    }


def to_availability(row: Row[Any]) -> dict[str, Any]:
    """Return both fields."""
    return {"quiet": _read(row, "quiet", _decode_quiet), "away": _read(row, "away", _decode_away) or ()}


def _read(row: Row[Any], name: str, decode: Callable[[str], T]) -> T | None:
    """Return None also for what cannot be read, such as a time zone unknown to this machine: messages then come at
    once."""
    stored = getattr(row, name)
    try:
        return None if stored is None else decode(stored)
    except (InvalidInput, msgspec.MsgspecError) as error:
        log.warning("quiet hours or absences of a user cannot be read", user=row.id, field=name, error=repr(error))
        return None
