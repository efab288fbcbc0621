"""Requests through httpx on guarded connections, so that every address is checked and every wait ends.

Import it on first use: httpx takes 12 MB, which most installations do not need.
"""

import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import httpcore
import httpx

from monitor.adapters.outbound.connections import (
    Connection,
    Deadline,
    Outbound,
    connect,
    default_tls,
    error_text,
    resolve,
)

LONGEST_BODY = 64 * 1024


class DestinationRefused(Exception):
    """The address is not allowed; the text says which."""


class Unreachable(Exception):
    """There was no response; the text says why, in one line."""


@dataclass(frozen=True, slots=True)
class Response:
    """Status and body. *body*: the beginning of it, not decompressed."""

    status: int
    body: bytes


def post(outbound: Outbound, url: str, body: bytes, headers: Mapping[str, str]) -> Response:
    """Post to an http or https URL, without redirects and proxies; read at most LONGEST_BODY of the answer. Raises
    DestinationRefused, Unreachable."""
    return _asked(outbound, "POST", url, headers, body)


def fetch(outbound: Outbound, url: str) -> Response:
    """Get an http or https URL, in the same way. Raises DestinationRefused, Unreachable."""
    return _asked(outbound, "GET", url, {"User-Agent": "monitor"}, None)


def _asked(outbound: Outbound, method: str, url: str, headers: Mapping[str, str], body: bytes | None) -> Response:
    try:
        request = httpx.Request(method, url, headers={"Accept": "*/*", **headers}, content=body)
        if request.url.scheme not in ("http", "https") or not request.url.host:
            raise DestinationRefused("not an http or https address")
        if request.url.userinfo:
            log_in = httpx.BasicAuth(request.url.username, request.url.password)
            request = next(log_in.auth_flow(request))
    except httpx.InvalidURL:  # its text may quote the address
        raise DestinationRefused("not an address") from None
    return exchange(outbound, request, LONGEST_BODY)


def exchange(outbound: Outbound, request: httpx.Request, longest: int) -> Response:
    """Send a request within one deadline; return the status and the first *longest* bytes of the body. Raises
    DestinationRefused, Unreachable."""
    # Unlike a client, a pool takes no proxies and no .netrc from the environment: both would bypass the checks.
    backend, tls = _GuardedBackend(outbound), outbound.tls or default_tls()
    target, headers = _target(request.url), request.headers.raw
    try:
        with (
            httpcore.ConnectionPool(network_backend=backend, ssl_context=tls) as pool,
            pool.stream(request.method, target, headers=headers, content=request.content) as response,
        ):
            return Response(response.status, _beginning(response, longest))
    except (OSError, httpcore.ProtocolError, httpcore.NetworkError) as error:
        raise Unreachable(error_text(error)) from None


class Bounded(httpx.BaseTransport):
    """Ends each request of a client by one deadline, and refuses answers of more than *longest* bytes: a server that
    sends a byte now and then would hold its thread."""

    def __init__(self, outbound: Outbound, longest: int) -> None:
        self._outbound = outbound
        self._longest = longest

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        request.read()
        try:
            found = exchange(self._outbound, request, self._longest + 1)
        except (DestinationRefused, Unreachable) as error:
            raise httpx.TransportError(str(error)) from None
        if len(found.body) > self._longest:
            raise httpx.TransportError(f"more than {self._longest} bytes")
        return httpx.Response(found.status, stream=httpx.ByteStream(found.body))


def _target(url: httpx.URL) -> httpcore.URL:
    return httpcore.URL(scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path)


def _beginning(response: httpcore.Response, longest: int) -> bytes:
    received = bytearray()
    for part in response.iter_stream():
        received += part
        if len(received) >= longest:
            break
    return bytes(received[:longest])


class _GuardedBackend(httpcore.NetworkBackend):
    """Resolve the host name once and connect to that address. The Host header and TLS keep the name."""

    def __init__(self, outbound: Outbound) -> None:
        self._outbound = outbound
        self._deadline = Deadline(outbound.total)

    def connect_tcp(self, host: str, port: int, *_args: object, **_options: object) -> httpcore.NetworkStream:
        addresses = resolve(host.strip("[]"), port, self._deadline, self._outbound.resolver)
        # One forbidden address among allowed ones is an attack, not a configuration.
        for address in addresses:
            if not self._outbound.destinations.allows(address):
                raise DestinationRefused(f"the address {address} is not allowed")
        connection = connect(addresses, port, self._deadline, self._outbound.connecting)
        connection.patience = self._outbound.patience
        return _Stream(connection)


class _Stream(httpcore.NetworkStream):
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._connection.recv(max_bytes)

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        try:
            self._connection.sendall(buffer)
        except OSError as error:
            # As httpcore expects: the server may have responded (413) and stopped reading.
            raise httpcore.WriteError(error_text(error)) from error

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        self._connection.start_tls(ssl_context, server_hostname or "")
        return self

    def close(self) -> None:
        self._connection.close()

    def get_extra_info(self, info: str) -> Any:
        return None
