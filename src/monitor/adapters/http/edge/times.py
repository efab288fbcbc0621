"""Times in the API: UTC, `YYYY-MM-DD HH:MM:SS`."""

import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import lru_cache

from monitor.domain.errors import InvalidInput, Problem

_RFC_3339 = re.compile(r"\d{4}-\d\d-\d\d[ Tt]\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:[Zz]|[+-]\d\d:\d\d)?", re.ASCII)
_HTTP_DATE = re.compile(r"[A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d GMT", re.ASCII)


def written(at: datetime) -> str:
    return at.replace(tzinfo=None).isoformat(" ", "seconds")  # quicker than to cut off the zone


def parsed(text: str, field: str) -> datetime:
    """Parse the API's format or RFC 3339. Without an offset: UTC. Cuts fractions after microseconds.

    Raises InvalidInput naming *field*.
    """
    try:
        if not _RFC_3339.fullmatch(text):
            raise ValueError
        at = datetime.fromisoformat(text.upper())
        return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
    except (ValueError, OverflowError):
        raise InvalidInput({field: Problem("invalid_time")}) from None


@lru_cache(maxsize=256)
def of_header(text: str) -> datetime | None:
    """Parse an HTTP `Date` header; None if it is not valid. Cached: within a second most hosts send the same."""
    try:
        return parsedate_to_datetime(text) if _HTTP_DATE.fullmatch(text) else None
    except ValueError:
        return None
