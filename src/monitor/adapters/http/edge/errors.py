"""Errors as answers: one table maps the core's errors to HTTP statuses. Refusals go to the audit log."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

import structlog
from litestar import MediaType, Request, Response
from litestar.exceptions import HTTPException, ValidationException
from litestar.params import ParameterKwarg

from monitor.adapters.http.edge.client_address import client_address
from monitor.adapters.http.edge.envelope import Envelope, ErrorData
from monitor.adapters.http.edge.messages import failure, problem, quota, team_tag
from monitor.adapters.http.edge.msgspec_sentences import read_problem
from monitor.application.accounts.limits import Refusals
from monitor.application.ports import Clock
from monitor.domain.accounts.actors import Actor
from monitor.domain.accounts.audit import AuditEntry, entry
from monitor.domain.accounts.errors import QuotaReached, TooManyAtOnce, TooManyAttempts
from monitor.domain.errors import (
    Conflict,
    ConstraintViolated,
    Forbidden,
    InvalidInput,
    MonitorError,
    NotFound,
    Problem,
    Unauthenticated,
    Unavailable,
)
from monitor.domain.fleet.errors import TeamTag

log = structlog.get_logger()


class NotJson(MonitorError):
    """The body is not JSON at all."""

    reason = "invalid_json"


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


def answer(error: Exception, named: Mapping[str, str] = MappingProxyType({})) -> Rendered:
    """Return the answer to any exception. An unexpected one is a 500 without details.

    *named*: the clients' names of a handler's parameters, where these differ.
    """
    if isinstance(error, MonitorError):
        return _of_core(error)
    if isinstance(error, ValidationException):
        return _of_core(_invalid(error, named))
    if isinstance(error, HTTPException) and error.status_code != 500:
        reason = _REASONS.get(error.status_code, "bad_request")
        return _wrapped(error.status_code, reason, None, dict(error.headers or {}))
    return _wrapped(500, "internal", None, {})


def _named(request: Request[Any, Any, Any]) -> dict[str, str]:
    handler = request.scope.get("route_handler")
    parameters = handler.parsed_fn_signature.parameters if handler is not None else {}
    return {
        name: kwarg.name
        for name, field in parameters.items()
        if isinstance(kwarg := field.kwarg_definition, ParameterKwarg) and kwarg.name
    }


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


def _invalid(error: ValidationException, named: Mapping[str, str]) -> MonitorError:
    """Return the core's error for Litestar's error about a parameter or body."""
    details: list[dict[str, Any]] = error.extra if isinstance(error.extra, list) else []
    problems: dict[str, Problem] = {}
    for detail in details:
        if str(getattr(detail.get("source"), "value", "")) == "path":
            return NotFound()
        key = str(detail.get("key", ""))
        name, found = read_problem(named.get(key, key), str(detail.get("message", "")))
        problems[name] = found
    return InvalidInput(problems or {"body": Problem("wrong_type", {"expected": "object"})})


_ACTIONS = {403: "access.refused", 429: "access.limited"}

ErrorHandler = Callable[[Request[Any, Any, Any], Exception], Response[Envelope[ErrorData]]]


def rendering(refusals: Refusals, clock: Clock) -> ErrorHandler:
    """Return the handler of all errors. It records refusals for the audit log: 403 to a known user, and 429.

    The entry says who asked for what and why it was refused, never what the request held. Refusals of the intake are
    only counted, in `/metrics`.
    """

    def handler(request: Request[Any, Any, Any], error: Exception) -> Response[Envelope[ErrorData]]:
        status, body, headers = answer(error, _named(request))
        if status == 500:
            # Not the path itself: that of a ping, or of an acknowledging link, is a secret.
            log.error("request failed", method=request.method, path=_template(request), exc_info=error)
        actor = request.scope.get("user")
        if status == 429 or (status == 403 and isinstance(actor, Actor)):
            refusals.note(_attempt(request, actor, _ACTIONS[status], body.data.reason, clock))
        if request.scope["path"].startswith(INTAKE):
            headers = {**headers, TIME: time_of(clock)}
        return Response(body, status_code=status, headers=headers, media_type=MediaType.JSON)

    return handler


def time_of(clock: Clock) -> str:
    """Return the seconds since 1970 for the header TIME, in steps of 10 ms: many answers of the intake share a head."""
    return f"{clock.now().timestamp():.2f}"


def _attempt(request: Request[Any, Any, Any], actor: object, action: str, reason: str, clock: Clock) -> AuditEntry:
    route = f"{request.method} {_template(request)}"
    if isinstance(actor, Actor):
        return entry(actor, clock.now(), action, route, reason)
    return AuditEntry(at=clock.now(), action=action, target=route, detail=reason, address=client_address(request.scope))


def _template(request: Request[Any, Any, Any]) -> str:
    return str(request.scope.get("path_template", ""))
