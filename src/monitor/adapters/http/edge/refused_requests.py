"""Requests that are refused to somebody known (403), or for their number (429), are noted for the audit log.

Who asked, what for and why, never what the request held. Intake is not among them: `/metrics` counts its refusals.
"""

from collections.abc import Callable
from typing import Any

from litestar import Request, Response

from monitor.adapters.http.edge.client_address import client_address
from monitor.adapters.http.edge.envelope import Envelope, ErrorData
from monitor.adapters.http.edge.errors import render
from monitor.application.accounts.refusals import Refusals
from monitor.application.ports import Clock
from monitor.domain.accounts.actors import Actor
from monitor.domain.accounts.audit import AuditEntry, entry

_ACTIONS = {403: "access.refused", 429: "access.limited"}

ErrorHandler = Callable[[Request[Any, Any, Any], Exception], Response[Envelope[ErrorData]]]


def noting(refusals: Refusals, clock: Clock) -> ErrorHandler:
    """Return `render`, which also notes."""

    def handler(request: Request[Any, Any, Any], error: Exception) -> Response[Envelope[ErrorData]]:
        response = render(request, error)
        status, actor = response.status_code, request.scope.get("user")
        if status == 429 or (status == 403 and isinstance(actor, Actor)):
            refusals.note(_attempt(request, actor, _ACTIONS[status], response.content.data.reason, clock))
        return response

    return handler


def _attempt(request: Request[Any, Any, Any], actor: object, action: str, reason: str, clock: Clock) -> AuditEntry:
    route = f"{request.method} {request.scope['path_template']}"
    if isinstance(actor, Actor):
        return entry(actor, clock.now(), action, route, reason)
    return AuditEntry(at=clock.now(), action=action, target=route, detail=reason, address=client_address(request.scope))
