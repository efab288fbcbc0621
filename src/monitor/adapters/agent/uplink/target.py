"""The server's address, and a connection to it."""

from __future__ import annotations

import os
import re
import socket
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from ssl import SSLContext

_HOST = r"[^\[\]:/?#@]+"
_URL = re.compile(rf"(https?)://(?:\[([^\[\]]+)\]|({_HOST}))(?::([0-9]*))?(/[^?#]*)?", re.IGNORECASE)
_LAST_PORT = 65_535
_MAPPED = bytes(10) + b"\xff\xff"


class Target(NamedTuple):
    """Where the API is. *host* is ASCII; *path* is the prefix before `/api`, without a slash at its end."""

    secure: bool
    host: str
    port: int
    path: str

    @property
    def authority(self) -> str:
        """Host and port, as in URLs and in the header `Host`."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == (443 if self.secure else 80) else f"{host}:{self.port}"

    @property
    def url(self) -> str:
        return f"{'https' if self.secure else 'http'}://{self.authority}{self.path}"


def parse_url(url: str) -> Target:
    """Return the target of *url*. Raises ValueError, naming API_URL, if it is not a plain http(s) address."""
    url = url.strip()
    if any(char.isspace() or not char.isprintable() for char in url):
        raise ValueError(f"API_URL must not contain spaces or control characters: {url!r}")
    found = _URL.fullmatch(url)
    if found is None:
        # This message leaves the URL out: it may contain a password.
        if any(char in url for char in "@?#"):
            raise ValueError("API_URL must not contain a user, a query or a fragment; the key goes into API_KEY")
        raise ValueError(f"API_URL must look like http://server:8000 or https://server, not {url!r}")
    scheme, literal, name, port, path = found.groups(default="")
    if not all("!" <= char <= "~" for char in path):
        raise ValueError(f"API_URL: the path contains characters that a URL may not contain: {url!r}")
    try:
        if literal:
            plain_address(literal)
        host = literal.lower() or _ascii(name)
    except ValueError as error:
        raise ValueError(f"API_URL: {error}, in {url!r}") from None
    secure = scheme.lower() == "https"
    number = int(port or 0) or (443 if secure else 80)
    if number > _LAST_PORT:
        raise ValueError(f"API_URL: there is no port {port}, in {url!r}")
    return Target(secure, host, number, path.rstrip("/"))


def plain_address(text: str) -> str:
    """Return an IP address in canonical form, without a zone; IPv4 if it is mapped to IPv6. Raises ValueError."""
    bare = text.partition("%")[0].strip()
    for family in (socket.AF_INET, socket.AF_INET6):
        try:
            packed = socket.inet_pton(family, bare)
        except (OSError, ValueError):
            continue
        if packed[:-4] == _MAPPED:
            return socket.inet_ntop(socket.AF_INET, packed[-4:])
        return socket.inet_ntop(family, packed)
    raise ValueError(f"not an IP address: {text!r}")


def dial(target: Target, timeout: float) -> socket.socket:
    """Return a connected socket; each step takes *timeout* seconds at most. Raises OSError."""
    if not target.secure:
        return _connected(target, timeout)
    import ssl  # 3 MB, loaded only if it is needed.

    hashed = _hashed_certificates()
    if hashed is not None:
        try:
            return _secured(target, timeout, ssl.create_default_context(capath=hashed))
        except ssl.SSLCertVerificationError:
            pass  # The bundle of certificates may contain more.
    return _secured(target, timeout, ssl.create_default_context())


def _ascii(name: str) -> str:
    if name.isascii():
        return name.lower()
    plain = name.encode("idna").decode("ascii")
    if not re.fullmatch(_HOST, plain):  # Some characters are encoded as several, such as `a/c`.
        raise ValueError(f"not a host name: {name!r}")
    return plain.lower()


def _connected(target: Target, timeout: float) -> socket.socket:
    # As bytes: for text, Python before 3.13 loads its tables of international names (0.5 MB), and ssl in any version.
    host: Any = target.host.encode("ascii")  # The type of create_connection knows text alone.
    sock = socket.create_connection((host, target.port), timeout)
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return sock


def _secured(target: Target, timeout: float, context: SSLContext) -> socket.socket:
    sock = _connected(target, timeout)
    try:
        return context.wrap_socket(sock, server_hostname=target.host.encode("ascii"))
    except BaseException:
        sock.close()
        raise


def _hashed_certificates() -> str | None:
    """Return the folder of trusted certificates named by hashes, if any: TLS reads one, not a bundle of 1 MB."""
    import ssl

    if os.environ.get("SSL_CERT_FILE"):
        return None
    directory = ssl.get_default_verify_paths().capath
    try:
        named = directory is not None and any(name.endswith(".0") for name in os.listdir(directory))
    except OSError:
        return None
    return directory if named else None
