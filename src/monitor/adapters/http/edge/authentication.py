"""Who is calling: a Bearer token, checked against the database on every request."""

from typing import Any

from litestar import Request
from litestar.concurrency import sync_to_thread
from litestar.connection import ASGIConnection
from litestar.datastructures import Headers
from litestar.enums import ScopeType
from litestar.handlers import BaseRouteHandler
from litestar.middleware import ASGIMiddleware
from litestar.types import ASGIApp, Receive, Scope, Send

from monitor.adapters.http.edge.client_address import client_address
from monitor.adapters.http.edge.connections import note_known
from monitor.adapters.http.edge.cookies import received
from monitor.application.accounts.authentication import Authenticate, Caller
from monitor.application.accounts.sessions import Origin
from monitor.domain.accounts.actors import Actor
from monitor.domain.errors import PasswordChangeRequired, Unauthenticated

DEVICE_COOKIE = "monitor_device_"
"""And the id of the user: several people may log in from one browser."""
ANONYMOUS = {"anonymous": True}
"""Handler `opt`: answers without a token."""
BEFORE_PASSWORD_CHANGE = {"before_password_change": True}
"""Handler `opt`: open to an account whose password has to be changed first."""


class Authentication(ASGIMiddleware):
    scopes = (ScopeType.HTTP,)

    def __init__(self, authenticate: Authenticate) -> None:
        self._authenticate = authenticate

    async def handle(self, scope: Scope, receive: Receive, send: Send, next_app: ASGIApp) -> None:
        opt = scope["route_handler"].opt
        if not opt.get("anonymous"):
            token = bearer_token(Headers.from_scope(scope))
            caller = await sync_to_thread(self._authenticate, token, client_address(scope))
            if caller.must_change_password and not opt.get("before_password_change"):
                raise PasswordChangeRequired
            scope["user"], scope["auth"] = caller.actor, caller
            note_known(scope)
        await next_app(scope, receive, send)


def bearer_token(headers: Headers) -> str:
    """Raises Unauthenticated where there is none."""
    scheme, _, token = headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise Unauthenticated
    return token.strip()


def provide_actor(request: Request[Actor, Caller, Any]) -> Actor:
    return request.user


def provide_caller(request: Request[Actor, Caller, Any]) -> Caller:
    return request.auth


def provide_origin(request: Request[Any, Any, Any]) -> Origin:
    return Origin(
        address=client_address(request.scope),
        user_agent=request.headers.get("user-agent", ""),
        device_tokens={
            name.removeprefix(DEVICE_COOKIE): token
            for name, token in received(request).items()
            if name.startswith(DEVICE_COOKIE)
        },
    )


def admins_only(connection: ASGIConnection[Any, Actor, Any, Any], _: BaseRouteHandler) -> None:
    """A guard, so that a body is not even read for who may not send it. Raises Forbidden."""
    connection.user.must_be_admin()
