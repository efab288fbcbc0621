"""A running server as commands ask it: with a personal token, over HTTP."""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from importlib.metadata import version
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode, urlsplit

from monitor.adapters.http.edge.client_address import is_loopback
from monitor.adapters.http.edge.times import of_header
from monitor.cli.output import CommandFailed
from monitor.domain.accounts.personal_tokens import is_well_formed
from monitor.domain.text import escaped
from monitor.settings.environment import Environment, SettingsError, token_in_file, web_address

if TYPE_CHECKING:  # at run time it is imported when the first request is made
    import httpx

TIMEOUT = 30.0
PAGE = 1000
"""Rows in one request, the most that the API allows."""


class NotThere(CommandFailed):
    """The server does not know it, or does not show it to the token's owner."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """Where the server is, and the token. *is_plain*: without TLS."""

    url: str
    token: str = field(repr=False)

    @property
    def is_plain(self) -> bool:
        return self.url.startswith("http:")


def access(environ: Mapping[str, str] = os.environ, *, allows_plain_http: bool) -> Access:
    """Read MONITOR_URL, and MONITOR_TOKEN or MONITOR_TOKEN_FILE. Raises SettingsError."""
    env = Environment(environ)
    url = env.parsed("MONITOR_URL", web_address, None)
    token, in_file = env.parsed("MONITOR_TOKEN", _token, None), env.parsed("MONITOR_TOKEN_FILE", _token_in_file, None)
    if url is None:
        raise SettingsError("MONITOR_URL: required, the address of the server, such as https://monitor.example.com")
    if token is not None and in_file is not None:
        raise SettingsError("MONITOR_TOKEN_FILE: not together with MONITOR_TOKEN")
    if token is None and in_file is None:
        raise SettingsError("MONITOR_TOKEN: required, a personal token from your account's page")
    found = Access(url=url, token=token or in_file or "")
    host = urlsplit(url).hostname or ""
    if found.is_plain and not (allows_plain_http or host == "localhost" or is_loopback(host)):
        raise SettingsError(
            "MONITOR_URL: http would show the token to everyone on the way. Use https, or allow it with --plain-http"
        )
    return found


def _token(text: str) -> str:
    if not is_well_formed(text):
        raise ValueError("must be a personal token, which begins with mon_")
    return text


def _token_in_file(path: str) -> str:
    try:
        return _token(token_in_file(path))
    except ValueError as error:
        raise ValueError(str(error) if path in str(error) else f"{path} {error}") from None


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """The data of a success, or the text of a file. *cursor*: of the next page. *at*: the server's time."""

    data: Any
    cursor: str | None
    at: datetime


@dataclass(frozen=True, slots=True)
class Remote:
    url: str
    client: "httpx.Client"

    def ask(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, Any] | None = None,
        body: Any = None,
        timeout: float = TIMEOUT,
    ) -> Reply:
        """Send one request; a *body* of bytes is CSV. Raises CommandFailed, and NotThere for a 404."""
        given = urlencode({name: value for name, value in (params or {}).items() if value})
        joined = "&" if "?" in path else "?"
        found = self._send(method, f"{path}{joined}{given}" if given else path, body, timeout)
        is_file = found.headers.get("content-type", "").startswith(("text/csv", "application/yaml"))
        try:
            data = found.text if is_file else found.json()["data"]
        except (ValueError, KeyError, TypeError, RecursionError):
            raise CommandFailed(f"{self.url} does not answer like monitor. Is MONITOR_URL right?") from None
        at = of_header(found.headers.get("date", "")) or datetime.now(UTC)
        return Reply(data=data, cursor=found.headers.get("x-next-cursor"), at=at)

    def pages(self, path: str, params: Mapping[str, Any], most: int | None = None) -> list[Any]:
        """Return the rows of all pages, or the first *most*, and one more if there are more."""
        limit = PAGE if most is None else min(PAGE, most + 1)
        rows: list[Any] = []
        cursor: str | None = ""
        while cursor is not None and (most is None or len(rows) <= most):
            reply = self.ask("GET", path, params={**params, "limit": limit, "cursor": cursor})
            rows += reply.data
            cursor = reply.cursor
        return rows if most is None else rows[: most + 1]

    def _send(self, method: str, path: str, body: Any, timeout: float) -> "httpx.Response":
        import httpx

        sent = {"content": body, "headers": {"Content-Type": "text/csv"}} if isinstance(body, bytes) else {"json": body}
        try:
            with self.client.stream(method, self.url + path, timeout=timeout, **sent) as response:
                if response.headers.get("content-type", "").startswith("text/event-stream"):
                    raise CommandFailed(f"{path} is a stream, which never ends: follow it with curl -N")
                response.read()
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise CommandFailed(f"can't reach {self.url}: {escaped(str(error) or type(error).__name__)}") from None
        if response.is_success:
            return response
        failed = NotThere if response.status_code == 404 else CommandFailed
        raise failed(_why(response, self.url, f"{method} {path}"))


@contextmanager
def connected(*, allows_plain_http: bool) -> Iterator[Remote]:
    """Open a connection with the settings of the environment. Raises SettingsError."""
    found = access(allows_plain_http=allows_plain_http)
    import httpx

    headers = {
        "Authorization": f"Bearer {found.token}",
        "Accept-Language": "en",
        "User-Agent": f"monitor-cli/{version('monitor')}",
    }
    # A proxy of the environment would see the token of a request without TLS. With TLS it only passes bytes on.
    with httpx.Client(headers=headers, timeout=TIMEOUT, follow_redirects=False, trust_env=not found.is_plain) as client:
        yield Remote(found.url, client)


def _why(response: "httpx.Response", url: str, request: str) -> str:
    """Return one line for an answer that is no success."""
    if response.is_redirect:
        # Not followed: the token must not reach another server.
        place = escaped(response.headers.get("location", ""))
        return f"{url} redirects to {place}. Set MONITOR_URL to the server's own address"
    try:
        sentence = escaped(str(response.json()["msg"]))
    except (ValueError, KeyError, TypeError, RecursionError):
        return f"{url} answers {response.status_code}, and not like monitor. Is MONITOR_URL right?"
    if response.status_code == 401:
        has_expired = "expired" in response.headers.get("www-authenticate", "")
        return f"{url} does not accept the token: it {'has expired' if has_expired else 'is wrong or was revoked'}"
    wait = response.headers.get("retry-after")
    return sentence + (f" ({escaped(wait)} s)" if wait else f" ({escaped(request)})")
