"""The settings of channels: which there are, what an address must be, and what is shown of a secret."""

from collections.abc import Mapping
from contextlib import suppress
from ipaddress import ip_address
from urllib.parse import urlsplit

from monitor.adapters.notify.outbound.destinations import Destinations
from monitor.domain.errors import InvalidInput, Problem
from monitor.domain.text import has_control_characters
from monitor.domain.users import LOCALES

LONGEST_URL = 2000
MASK = "***"
"""Shown instead of a secret. A setting that holds it was copied from what is shown, and changes nothing."""
Problems = dict[str, Problem]


def must_only_have(settings: Mapping[str, str], *names: str) -> Problems:
    return {name: Problem("unknown_field") for name in settings if name not in names}


def checked_locale(settings: Mapping[str, str]) -> Problems:
    """Absent is well: the default language."""
    if settings.get("locale", LOCALES[0]) in LOCALES:
        return {}
    return {"locale": Problem("not_one_of", {"choices": ", ".join(LOCALES)})}


def checked_url(url: str, destinations: Destinations) -> Problems:
    """http or https. A name is looked up when it is sent to, and its address checked then."""
    if (problem := text_problem(url)) is not None:
        return {"url": problem}
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
        is_valid = parts.scheme in ("http", "https") and bool(host) and (parts.port or 1) > 0
    except ValueError:
        is_valid = False
    if not is_valid or " " in url:
        return {"url": Problem("invalid_url")}
    with suppress(ValueError):
        if not destinations.takes(str(ip_address(host))):
            return {"url": Problem("address_refused")}
    return {}


def text_problem(url: str) -> Problem | None:
    """What is wrong with *url* whatever its scheme."""
    if not url:
        return Problem("required")
    if len(url) > LONGEST_URL:
        return Problem("too_long", {"limit": LONGEST_URL})
    if has_control_characters(url):
        return Problem("control_characters")
    return Problem("masked") if MASK in url else None


def raise_problems(problems: Problems) -> None:
    """Raises InvalidInput naming "settings.<name>", if there are any."""
    if problems:
        raise InvalidInput({f"settings.{name}": problem for name, problem in problems.items()})


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
