"""Errors of the framework and its handlers as answers. Refusals go to the audit log."""

from collections.abc import Callable, Mapping
from typing import Any

import structlog
from litestar import MediaType, Request, Response
from litestar.exceptions import HTTPException, ValidationException
from litestar.params import ParameterKwarg

from monitor.adapters.http.edge.client_address import client_address
from monitor.adapters.http.edge.decoding import read_problem
from monitor.adapters.http.edge.envelope import Envelope, ErrorData
from monitor.adapters.http.edge.errors import INTAKE, TIME, Refused, answer, time_of
from monitor.application.accounts.limits import Refusals
from monitor.application.ports import Clock
from monitor.domain.accounts.actors import Actor
from monitor.domain.accounts.audit import AuditEntry, entry
from monitor.domain.errors import InvalidInput, MonitorError, NotFound, Problem

log = structlog.get_logger()

_ACTIONS = {403: "access.refused", 429: "access.limited"}

ErrorHandler = Callable[[Request[Any, Any, Any], Exception], Response[Envelope[ErrorData]]]


def rendering(refusals: Refusals, clock: Clock) -> ErrorHandler:
    """Return the handler of all errors. It records refusals for the audit log: 403 to a known user, and 429.

    The entry says who asked for what and why it was refused, never what the request held. Refusals of the intake are
    only counted, in `/metrics`.
    """

    def handler(request: Request[Any, Any, Any], error: Exception) -> Response[Envelope[ErrorData]]:
        status, body, headers = answer(_ours(error, request))
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


def _attempt(request: Request[Any, Any, Any], actor: object, action: str, reason: str, clock: Clock) -> AuditEntry:
    route = f"{request.method} {_template(request)}"
    if isinstance(actor, Actor):
        return entry(actor, clock.now(), action, route, reason)
    return AuditEntry(at=clock.now(), action=action, target=route, detail=reason, address=client_address(request.scope))


def _template(request: Request[Any, Any, Any]) -> str:
    return str(request.scope.get("path_template", ""))


def _ours(error: Exception, request: Request[Any, Any, Any]) -> Exception:
    """Return our error for one of the framework's."""
    if isinstance(error, ValidationException):
        return _invalid(error, _named(request))
    if isinstance(error, HTTPException) and error.status_code != 500:
        return Refused(error.status_code, error.headers)
    return error


def _named(request: Request[Any, Any, Any]) -> dict[str, str]:
    """Return the clients' names of the handler's parameters, where these differ."""
    handler = request.scope.get("route_handler")
    parameters = handler.parsed_fn_signature.parameters if handler is not None else {}
    return {
        name: kwarg.name
        for name, field in parameters.items()
        if isinstance(kwarg := field.kwarg_definition, ParameterKwarg) and kwarg.name
    }


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
