"""Cookies of ours, which no script and no other site can read.

Where TLS is, their names begin with `__Host-`: a browser then takes them from this very host and over TLS alone, so
that neither a sibling domain nor a plain connection can plant somebody else's session. One without the prefix is worth
nothing there.
"""

from datetime import timedelta
from typing import Any

from litestar import Request
from litestar.datastructures import Cookie

from monitor.adapters.http.forwarded_scheme import is_over_tls

_PREFIX = "__Host-"


def cookie(name: str, value: str, lifetime: timedelta, path: str, *, tls: bool) -> Cookie:
    """To be set; at once gone with no *lifetime*. Over TLS for every path, as the prefix demands."""
    return Cookie(
        key=f"{_PREFIX}{name}" if tls else name,
        value=value,
        max_age=int(lifetime.total_seconds()),
        path="/" if tls else path,
        httponly=True,
        samesite="strict",
        secure=tls,
    )


def received(request: Request[Any, Any, Any]) -> dict[str, str]:
    """Those that count, by the names that they were set under."""
    if not is_over_tls(request.scope):
        return request.cookies
    return {name.removeprefix(_PREFIX): value for name, value in request.cookies.items() if name.startswith(_PREFIX)}


def provide_tls(request: Request[Any, Any, Any]) -> bool:
    """Whether the cookies of an answer are to be those of TLS."""
    return is_over_tls(request.scope)
