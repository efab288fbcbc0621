"""What this server is at the issuer of single sign-on."""

import re
from dataclasses import dataclass, field
from ipaddress import ip_address
from urllib.parse import urlsplit

_NAME = re.compile(r"[!#-\[\]-~]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class OidcClient:
    """*secret* is not in its repr. *redirect_address*: where browsers come back; *left_address*: after the log-out.

    *username_claim*, *groups_claim*: names of the claims. *name*: what the button says.
    """

    issuer: str
    client_id: str
    secret: str = field(repr=False)
    redirect_address: str
    left_address: str
    name: str
    scopes: str = "openid profile email"
    username_claim: str = "preferred_username"
    groups_claim: str = "groups"


def is_safe_address(address: str) -> bool:
    """Return whether it is https, or http to this machine."""
    try:
        parts = urlsplit(address)
        host, port = parts.hostname, parts.port
    except ValueError:
        return False
    if not host or port == 0 or parts.fragment or any(c.isspace() or not c.isprintable() for c in address):
        return False
    return parts.scheme == "https" or (parts.scheme == "http" and _is_loopback(host))


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def issuer_address(text: str) -> str:
    """Return *text*, as the issuer must call itself to the letter. Raises ValueError."""
    if not is_safe_address(text) or "?" in text or "@" in urlsplit(text).netloc:
        raise ValueError("must be an https address such as https://id.example.com/realm (http only on loopback)")
    if len(text) > 255:
        raise ValueError("must have at most 255 characters")
    return text


def scope_names(text: str) -> str:
    names = text.split()
    if "openid" not in names or not all(_NAME.fullmatch(name) for name in names):
        raise ValueError("must be names separated by spaces, openid among them")
    return " ".join(names)
