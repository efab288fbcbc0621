"""Who is calling: a Bearer token, checked against the database on every request; and our cookies."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any, Literal

from litestar import Request
from litestar.concurrency import sync_to_thread
from litestar.connection import ASGIConnection
from litestar.datastructures import Cookie, Headers
from litestar.enums import ScopeType
from litestar.handlers import BaseRouteHandler
from litestar.middleware import ASGIMiddleware
from litestar.types import ASGIApp, Receive, Scope, Send

from monitor.adapters.http.edge.client_address import client_address, is_over_tls
from monitor.adapters.http.edge.connections import note_known
from monitor.adapters.http.edge.words.messages import asked_locale
from monitor.application.accounts.authentication import Caller
from monitor.application.accounts.sessions import Origin
from monitor.domain.accounts.actors import Actor
from monitor.domain.accounts.errors import NotForTokens, PasswordChangeRequired, ReadOnlyToken, SecondFactorRequired
from monitor.domain.errors import Forbidden, Unauthenticated

DEVICE_COOKIE = "monitor_device_"
"""Followed by the id of the user: several people may log in from one browser."""
_PREFIX = "__Host-"
"""Of our cookies over TLS. A browser takes them only from this very host and over TLS, so no sibling domain and no
plain connection can plant a session. Cookies without the prefix do not count there."""
ANONYMOUS = {"anonymous": True}
"""Handler `opt`: needs no token."""
BEFORE_PASSWORD_CHANGE = {"before_password_change": True}
"""Handler `opt`: open to users who must change their password first."""
BEFORE_SECOND_FACTOR = {"before_second_factor": True}
"""Handler `opt`: open to users who must set up a second factor first."""
FOR_WALLBOARDS = {"for_wallboards": True}
"""Handler `opt`: what the link of a wallboard opens, besides all who are logged in."""
NOT_FOR_TOKENS = {"not_for_tokens": True}
"""Handler `opt`: closed to personal tokens. Passwords, factors, sessions, tokens and users are."""
FOR_TOKENS = {"not_for_tokens": False}
"""Handler `opt`: open to personal tokens, in a controller that is closed to them."""


class Authentication(ASGIMiddleware):
    scopes = (ScopeType.HTTP,)

    def __init__(self, authenticate: Callable[[str, str, bool], Caller]) -> None:
        self._authenticate = authenticate

    async def handle(self, scope: Scope, receive: Receive, send: Send, next_app: ASGIApp) -> None:
        opt = scope["route_handler"].opt
        if not opt.get("anonymous"):
            token = bearer_token(Headers.from_scope(scope))
            is_wallboard = bool(opt.get("for_wallboards"))
            caller = await sync_to_thread(self._authenticate, token, client_address(scope), is_wallboard)
            if caller.must_change_password and not opt.get("before_password_change"):
                raise PasswordChangeRequired
            if caller.must_set_up_second_factor and not opt.get("before_second_factor"):
                raise SecondFactorRequired
            scope["user"], scope["auth"] = caller.actor, caller
            note_known(scope)
            if caller.actor.token_id is not None and opt.get("not_for_tokens"):
                raise NotForTokens
            if caller.reads_only and scope.get("method") != "GET":
                raise ReadOnlyToken
        await next_app(scope, receive, send)


def bearer_token(headers: Headers) -> str:
    """Raises Unauthenticated."""
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
        locale=asked_locale(request.headers.get("accept-language", "")),
        device_tokens={
            name.removeprefix(DEVICE_COOKIE): token
            for name, token in received(request).items()
            if name.startswith(DEVICE_COOKIE)
        },
    )


def admins_only(connection: ASGIConnection[Any, Actor, Any, Any], _: BaseRouteHandler) -> None:
    """Guard for administrators; the body of anyone else is not even read. Raises Forbidden."""
    connection.user.must_be_admin()


def comes_from_elsewhere(connection: ASGIConnection[Any, Any, Any, Any]) -> bool:
    """Return whether another site's page caused the request, as browsers say."""
    return connection.headers.get("sec-fetch-site") == "cross-site"


def from_here_only(connection: ASGIConnection[Any, Any, Any, Any], _: BaseRouteHandler) -> None:
    """Guard for what anybody may begin, so that no page uses up the limit of its visitors. Raises Forbidden."""
    if comes_from_elsewhere(connection):
        raise Forbidden


def cookie(
    name: str,
    value: str,
    lifetime: timedelta,
    path: str,
    *,
    tls: bool,
    samesite: Literal["strict", "lax"] = "strict",
    for_scripts: bool = False,
) -> Cookie:
    """Return a cookie that no other site can read, and no script unless it is *for_scripts*.

    A zero *lifetime* deletes it. Over TLS it is for every path, as the prefix demands. *samesite* "lax": it also comes
    with a link from another site.
    """
    return Cookie(
        key=f"{_PREFIX}{name}" if tls else name,
        value=value,
        max_age=int(lifetime.total_seconds()),
        path="/" if tls else path,
        httponly=not for_scripts,
        samesite=samesite,
        secure=tls,
    )


def received(request: Request[Any, Any, Any]) -> dict[str, str]:
    """Return the cookies that count, by the names under which `cookie` set them."""
    if not is_over_tls(request.scope):
        return request.cookies
    return {name.removeprefix(_PREFIX): value for name, value in request.cookies.items() if name.startswith(_PREFIX)}


def provide_tls(request: Request[Any, Any, Any]) -> bool:
    """Return whether to set the cookies of TLS."""
    return is_over_tls(request.scope)
