"""Whether a request came over TLS: `X-Forwarded-Proto` counts only from configured proxies.

`X-Forwarded-Host` never does: the usual proxy sets the scheme, and hands on whatever host a client forwarded.
"""

from collections.abc import Mapping, MutableMapping, Sequence
from typing import Any

from monitor.adapters.http.client_address import Network, is_in, peer

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
