"""Errors as answers: one table maps the core's errors to HTTP statuses."""

from collections.abc import Mapping

from monitor.adapters.http.edge.envelope import Envelope, ErrorData
from monitor.adapters.http.edge.words.messages import failure, problem, quota, team_tag
from monitor.application.ports import Clock
from monitor.domain.accounts.errors import QuotaReached, TooManyAtOnce, TooManyAttempts
from monitor.domain.errors import (
    Conflict,
    ConstraintViolated,
    Forbidden,
    InvalidInput,
    MonitorError,
    NotFound,
    Unauthenticated,
    Unavailable,
)
from monitor.domain.fleet.errors import TeamTag


class NotJson(MonitorError):
    """The body is not JSON at all."""

    reason = "invalid_json"


class Refused(Exception):
    """A request that HTTP itself does not allow: its *status* says all."""

    def __init__(self, status: int, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(status)
        self.status = status
        self.headers = dict(headers or {})


_STATUS: dict[type[MonitorError], int] = {
    InvalidInput: 400,
    NotJson: 400,
    Unauthenticated: 401,
    Forbidden: 403,
    NotFound: 404,
    Conflict: 409,
    ConstraintViolated: 409,
    TooManyAttempts: 429,
    TooManyAtOnce: 429,
    Unavailable: 503,
}
_REASONS = {
    400: "bad_request",
    401: "unauthenticated",
    403: "forbidden",
    404: "not_found",
    405: "method_not_allowed",
    413: "too_large",
    415: "unsupported_media_type",
    421: "misdirected",
}

INTAKE = "/api/monitor/data"
TIME = "X-Monitor-Time"
"""Header of all answers of the intake."""
Rendered = tuple[int, Envelope[ErrorData], dict[str, str]]
"""Status, body, headers."""


def answer(error: Exception) -> Rendered:
    """Return the answer to any exception. An unexpected one is a 500 without details."""
    if isinstance(error, MonitorError):
        return _of_core(error)
    if isinstance(error, Refused):
        return _wrapped(error.status, _REASONS.get(error.status, "bad_request"), None, error.headers)
    return _wrapped(500, "internal", None, {})


def _of_core(error: MonitorError) -> Rendered:
    status = next((code for kind, code in _STATUS.items() if isinstance(error, kind)), 500)
    fields = None
    if isinstance(error, InvalidInput):
        fields = {name: problem(found) for name, found in error.problems.items()}
    headers = {}
    if isinstance(error, (TooManyAtOnce, TooManyAttempts, Unavailable)):
        headers["Retry-After"] = str(error.retry_after)
    if status == 401:
        headers["WWW-Authenticate"] = _challenge(error)
    if isinstance(error, (QuotaReached, TooManyAtOnce)):
        said = quota(error.reason, error.what, error.limit)
        return status, Envelope(status, said, ErrorData(error.reason, what=error.what, limit=error.limit)), headers
    if isinstance(error, TeamTag):
        return status, Envelope(status, team_tag(error.tag), ErrorData(error.reason)), headers
    return _wrapped(status, error.reason, fields, headers)


def _challenge(error: MonitorError) -> str:
    """Return the WWW-Authenticate header; it says what ended the session, if known (RFC 6750, section 3)."""
    ended = error.ended if isinstance(error, Unauthenticated) else None
    return "Bearer" if ended is None else f'Bearer error="invalid_token", error_description="{ended}"'


def _wrapped(status: int, reason: str, fields: dict[str, str] | None, headers: dict[str, str]) -> Rendered:
    return status, Envelope(status, failure(reason, fields), ErrorData(reason, fields)), headers


def time_of(clock: Clock) -> str:
    """Return the seconds since 1970 for the header TIME, in steps of 10 ms: many answers of the intake share a head."""
    return f"{clock.now().timestamp():.2f}"
