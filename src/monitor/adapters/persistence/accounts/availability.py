"""Quiet hours and absences as text, beside users."""

from typing import Any

import msgspec
import structlog
from sqlalchemy import Row

from monitor.domain.accounts.availability import QuietHours, Span
from monitor.domain.accounts.users import User
from monitor.domain.errors import InvalidInput

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
    """Return both fields. Without those that cannot be read, such as a time zone unknown to this machine: then
    messages come at once."""
    found: dict[str, Any] = {"quiet": None, "away": ()}
    try:
        if row.quiet is not None:
            found["quiet"] = _decode_quiet(row.quiet)
        if row.away is not None:
            found["away"] = _decode_away(row.away)
    except (InvalidInput, msgspec.MsgspecError) as error:
        log.warning("quiet hours or absences of a user cannot be read", user=row.id, error=repr(error))
    return found
