"""Where the server is."""

from __future__ import annotations

import re
from typing import NamedTuple

from .address import plain_address
from .problems import SettingError

_HOST = r"[^\[\]:/?#@]+"
_URL = re.compile(rf"(https?)://(?:\[([^\[\]]+)\]|({_HOST}))(?::([0-9]*))?(/[^?#]*)?", re.IGNORECASE)
_LAST_PORT = 65_535


class Target(NamedTuple):
    """Where the API is. *host* is ASCII. *path* is the prefix before `/api`, without a slash at its end."""

    secure: bool
    host: str
    port: int
    path: str

    @property
    def authority(self) -> str:
        """Host and port, as URLs and the header `Host` have them."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == (443 if self.secure else 80) else f"{host}:{self.port}"

    @property
    def url(self) -> str:
        """As a person writes it."""
        return f"{'https' if self.secure else 'http'}://{self.authority}{self.path}"


def parse_url(url: str) -> Target:
    """Where *url* points. Raises SettingError: it is no plain http(s) address."""
    url = url.strip()
    if any(char.isspace() or not char.isprintable() for char in url):
        raise SettingError(f"API_URL must hold no spaces or control characters, not {url!r}")
    found = _URL.fullmatch(url)
    if found is None:
        # Without the text: it may hold a password.
        if any(char in url for char in "@?#"):
            raise SettingError("API_URL must not hold a user, a query or a fragment; the key goes into API_KEY")
        raise SettingError(f"API_URL must look like http://server:8000 or https://server, not {url!r}")
    scheme, literal, name, port, path = found.groups(default="")
    if not all("!" <= char <= "~" for char in path):
        raise SettingError(f"API_URL: its path holds characters that no URL may, in {url!r}")
    try:
        if literal:
            plain_address(literal)
        host = literal.lower() or _ascii(name)
    except ValueError as error:
        raise SettingError(f"API_URL: {error}, in {url!r}") from None
    secure = scheme.lower() == "https"
    number = int(port or 0) or (443 if secure else 80)
    if number > _LAST_PORT:
        raise SettingError(f"API_URL: there is no port {port}, in {url!r}")
    return Target(secure, host, number, path.rstrip("/"))


def _ascii(name: str) -> str:
    if name.isascii():
        return name.lower()
    plain = name.encode("idna").decode("ascii")
    if not re.fullmatch(_HOST, plain):  # Some letters stand for several characters, such as `a/c`.
        raise ValueError(f"not the name of a host: {name!r}")
    return plain.lower()
