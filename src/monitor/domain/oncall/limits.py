"""How many and how long things of rotas and escalations may be."""

from datetime import UTC, datetime

from monitor.domain.errors import InvalidInput, Problem

MAX_ROTAS = MAX_ESCALATIONS = 200
MAX_NAME = 100
_FIRST, _AFTER = datetime(2000, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC)


def checked_time(field: str, at: datetime) -> datetime:
    """Return it in whole seconds. Raises InvalidInput unless it is of this century."""
    if not _FIRST <= at < _AFTER:
        raise InvalidInput({field: Problem("out_of_range", {"low": _FIRST.year, "high": _AFTER.year})})
    return at.replace(microsecond=0)
