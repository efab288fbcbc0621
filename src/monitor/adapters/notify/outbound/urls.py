"""The URLs of channels: what they may be, and what is shown of them."""

from contextlib import suppress
from ipaddress import ip_address
from urllib.parse import urlsplit

from monitor.adapters.notify.outbound.destinations import Destinations
from monitor.domain.errors import Problem
from monitor.domain.notifications.channels import MASK


def url_problem(url: str, destinations: Destinations) -> Problem | None:
    """Return what is wrong with an http or https *url*. A host name is resolved and checked only when sending."""
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
        is_valid = parts.scheme in ("http", "https") and bool(host) and (parts.port or 1) > 0
    except ValueError:
        is_valid = False
    if not is_valid or " " in url:
        return Problem("invalid_url")
    with suppress(ValueError):
        if not destinations.allows(str(ip_address(host))):
            return Problem("address_refused")
    return None


def without_secrets(url: str) -> str:
    """Return the scheme, host and port of *url* alone.

    Chat services put their tokens into the path (Slack, Discord, Feishu, Telegram), the query (DingTalk, WeCom) or the
    userinfo, so nothing of these is shown.
    """
    try:
        parts = urlsplit(url)
    except ValueError:
        return MASK
    userinfo, at, host = parts.netloc.rpartition("@")
    has_more = parts.path not in ("", "/") or parts.query or parts.fragment
    return f"{parts.scheme}://{MASK + at if userinfo else ''}{host}{'/' + MASK if has_more else parts.path}"
