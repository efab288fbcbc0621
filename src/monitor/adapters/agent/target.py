"""Where the server is."""

from __future__ import annotations

from typing import NamedTuple
from urllib.parse import urlsplit

from .problems import SettingError


class Target(NamedTuple):
    """Where the API is. *path* is the prefix before `/api`, without a slash at its end."""

    secure: bool
    host: str
    port: int
    path: str

    @property
    def url(self) -> str:
        """As a person writes it."""
        scheme, usual = ("https", 443) if self.secure else ("http", 80)
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{scheme}://{host}{'' if self.port == usual else f':{self.port}'}{self.path}"


def parse_url(url: str) -> Target:
    """Where *url* points. Raises SettingError: it is no plain http(s) address."""
    url = url.strip()
    # urlsplit would silently take line breaks out.
    if any(char.isspace() or not char.isprintable() for char in url):
        raise SettingError(f"API_URL must hold no spaces or control characters, not {url!r}")
    try:
        parts = urlsplit(url)
        port = parts.port or (443 if parts.scheme == "https" else 80)
    except ValueError as error:
        raise SettingError(f"API_URL: {error}, in {url!r}") from None
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise SettingError(f"API_URL must look like http://server:8000 or https://server, not {url!r}")
    if parts.username or parts.password or parts.query or parts.fragment:
        raise SettingError("API_URL must not hold a user, a query or a fragment; the key goes into API_KEY")
    if not all("!" <= char <= "~" for char in parts.path):
        raise SettingError(f"API_URL: its path holds characters that no URL may, in {url!r}")
    return Target(parts.scheme == "https", parts.hostname, port, parts.path.rstrip("/"))
