"""httpx on guarded connections, so that every address is checked and every wait ends."""

from __future__ import annotations

import ssl
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

import httpcore
import httpx

from monitor.adapters.notify.outbound.connections import (
    Connection,
    Deadline,
    Resolver,
    connect,
    default_tls,
    error_text,
    resolve,
    system_resolver,
)
from monitor.adapters.notify.outbound.destinations import Destinations, Network

if TYPE_CHECKING:
    from ssl import SSLContext
from dataclasses import dataclass

LONGEST_BODY = 64 * 1024
_PATIENCE = 5.0


def post(url: str, body: bytes, headers: Mapping[str, str], backend: GuardedBackend, tls: ssl.SSLContext) -> Response:
    """Send a POST request. Raises DestinationRefused, Unreachable."""
    try:
        # No proxies and no .netrc from the environment: both would bypass the checks.
        with httpx.Client(transport=_Transport(backend, tls), trust_env=False, follow_redirects=False) as client:
            return _response(client, url, body, headers)
    except httpx.InvalidURL:  # its text may quote the address
        raise DestinationRefused("not an address") from None
    except (OSError, httpx.HTTPError, httpcore.ProtocolError, httpcore.NetworkError) as error:
        raise Unreachable(error_text(error)) from None


def _response(client: httpx.Client, url: str, body: bytes, headers: Mapping[str, str]) -> Response:
    target = httpx.URL(url)
    if target.scheme not in ("http", "https") or not target.host:
        raise DestinationRefused("not an http or https address")
    with client.stream("POST", url, content=body, headers=dict(headers)) as response:
        received = b""
        for part in response.iter_raw():  # not decompressed: 64 kB could become 64 MB
            received += part
            if len(received) >= LONGEST_BODY:
                break
        return Response(response.status_code, received[:LONGEST_BODY])


class _Transport(httpx.BaseTransport):
    """Transport on our own connections, which that of httpx does not accept."""

    def __init__(self, backend: GuardedBackend, tls: ssl.SSLContext) -> None:
        self._pool = httpcore.ConnectionPool(network_backend=backend, ssl_context=tls, retries=0)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        url = request.url
        response = self._pool.handle_request(
            httpcore.Request(
                method=request.method,
                url=httpcore.URL(scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path),
                headers=request.headers.raw,
                content=request.read(),
            )
        )
        return httpx.Response(response.status, headers=response.headers, stream=_Body(response))

    def close(self) -> None:
        self._pool.close()


class _Body(httpx.SyncByteStream):
    def __init__(self, response: httpcore.Response) -> None:
        self._response = response

    def __iter__(self) -> Iterator[bytes]:
        return self._response.iter_stream()

    def close(self) -> None:
        self._response.close()


class GuardedBackend(httpcore.NetworkBackend):
    """Resolve the host name once and connect to that address. The Host header and TLS keep the name."""

    def __init__(self, destinations: Destinations, resolver: Resolver, deadline: Deadline) -> None:
        self._destinations = destinations
        self._resolver = resolver
        self._deadline = deadline

    def connect_tcp(self, host: str, port: int, *_args: object, **_options: object) -> httpcore.NetworkStream:
        addresses = resolve(host.strip("[]"), port, self._deadline, self._resolver)
        # One forbidden address among allowed ones is an attack, not a configuration.
        for address in addresses:
            if not self._destinations.allows(address):
                raise DestinationRefused(f"the address {address} is not allowed")
        return _Stream(connect(addresses, port, self._deadline, _PATIENCE))


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


TOTAL = 10.0


class Outbound:
    """Post to http and https URLs, without redirects and proxies. *total*: seconds at most, from DNS to response."""

    def __init__(
        self,
        *,
        allowed: Iterable[Network] = (),
        resolver: Resolver = system_resolver,
        tls: SSLContext | None = None,
        total: float = TOTAL,
    ) -> None:
        self.destinations = Destinations(allowed)
        self._resolver = resolver
        self._tls = tls
        self._total = total

    def post(self, url: str, body: bytes, headers: Mapping[str, str]) -> Response:
        """Send a POST request. Raises DestinationRefused, Unreachable."""
        # Imported on first use: httpx takes 12 MB, which most installations do not need.

        backend = GuardedBackend(self.destinations, self._resolver, Deadline(self._total))
        return post(url, body, headers, backend, self._tls or default_tls())


class DestinationRefused(Exception):
    """The address is not allowed; the text says which."""


class Unreachable(Exception):
    """There was no response; the text says why, in one line."""


@dataclass(frozen=True, slots=True)
class Response:
    """Status and body. *body*: at most the first 64 kB, not decompressed."""

    status: int
    body: bytes
