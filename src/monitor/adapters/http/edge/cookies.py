"""Whether a request came over TLS: `X-Forwarded-Proto` counts only from configured proxies.

`X-Forwarded-Host` never does: the usual proxy sets the scheme, and hands on whatever host a client forwarded.

Cookies of ours, which no script and no other site can read.

Where TLS is, their names begin with `__Host-`: a browser then takes them from this very host and over TLS alone, so
that neither a sibling domain nor a plain connection can plant somebody else's session. One without the prefix is worth
nothing there.
"""

from collections.abc import Mapping, MutableMapping, Sequence
from datetime import timedelta
from typing import Any

from litestar import Request
from litestar.datastructures import Cookie

from monitor.adapters.http.edge.client_address import Network, is_in, peer

_KEY = "monitor.tls"


def note_scheme(scope: MutableMapping[str, Any], trusted: Sequence[Network], *, has_https_base: bool) -> None:
    """The last that our peer tells, where it is a trusted proxy. *has_https_base*: people come over TLS alone, whatever
    a proxy leaves out."""
    told = [value for name, value in scope["headers"] if name == b"x-forwarded-proto"]
    if told and is_in(peer(scope), trusted):
        scheme = told[-1].decode("latin-1").rpartition(",")[2].strip().lower()
        if scheme in ("http", "https"):
            scope["scheme"] = scheme
    scope[_KEY] = has_https_base or scope["scheme"] == "https"


def is_over_tls(scope: Mapping[str, Any]) -> bool:
    """As it was noted; without that, by the connection's own scheme."""
    return bool(scope.get(_KEY, scope["scheme"] == "https"))


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
