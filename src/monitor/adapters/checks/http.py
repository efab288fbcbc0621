"""Checks what a URL answers to a GET: its status, and whether a text is in the first megabyte of its body."""

from base64 import b64encode
from contextlib import closing
from datetime import datetime
from http.client import HTTPConnection, HTTPException, HTTPResponse
from typing import Any, cast
from urllib.parse import SplitResult, quote, unquote

from monitor.adapters.checks.outcomes import Answer, Failed, Run, Unexpected
from monitor.domain.checks.targets import url_of

LONGEST_BODY = 1_000_000
_PORTS = {"http": 80, "https": 443}
_CHUNK = 65_536
_AS_IT_IS = "/?%:@!$&'()*+,;=~"
_ENCODINGS = ("gb18030", "big5", "shift_jis", "euc-jp", "euc-kr", "windows-1251", "windows-1252", "latin-1", "utf-16")
"""Of which a page may be, besides UTF-8. Others cost too much, such as punycode, or are not in use."""


def probe(run: Run) -> Answer:
    url = url_of(run.check.target)
    host, port = url.hostname or "", url.port or _PORTS[url.scheme]
    addresses = run.addresses(host, port)
    ends: datetime | None = None
    with closing(run.connect(addresses, port)) as connection:
        if url.scheme == "https":
            ends = run.secured(connection, addresses, _ascii(host), port)
        try:
            with closing(_request(url, cast(Any, connection))) as response:
                _compare(run, response)
        except HTTPException as error:
            raise Failed(f"not an HTTP answer ({type(error).__name__})", ends) from None
        except Failed as error:
            raise type(error)(str(error), ends) from None
        except TimeoutError:
            raise Failed("timed out", ends) from None
        except ConnectionError as error:
            raise Failed(error.strerror or "the connection was closed", ends) from None
    return Answer(cert_ends=ends)


def _request(url: SplitResult, connection: Any) -> HTTPResponse:
    """Send the request on a *connection* that has the methods of a socket, and read the head of the answer."""
    sending = HTTPConnection(
        _ascii(url.hostname or ""), _PORTS[url.scheme]
    )  # else the end of an IPv6 address is a port
    sending.sock = connection
    path = quote(url.path, safe=_AS_IT_IS) or "/"
    query = f"?{quote(url.query, safe=_AS_IT_IS)}" if url.query else ""
    sending.putrequest("GET", path + query, skip_host=True, skip_accept_encoding=True)
    for name, value in _headers(url).items():
        sending.putheader(name, value)
    sending.endheaders()
    # Not `getresponse`, which closes a connection that the server means to close before its body is read.
    response = HTTPResponse(connection, method="GET")
    response.begin()
    return response


def _headers(url: SplitResult) -> dict[str, str]:
    host = _ascii(url.hostname or "")
    host = f"[{host}]" if ":" in host else host
    headers = {
        "Host": host if url.port in (None, _PORTS[url.scheme]) else f"{host}:{url.port}",
        "User-Agent": "monitor-check",
        "Accept": "*/*",
        "Connection": "close",
    }
    if url.username is not None or url.password is not None:
        userinfo = f"{unquote(url.username or '')}:{unquote(url.password or '')}"
        headers["Authorization"] = f"Basic {b64encode(userinfo.encode()).decode()}"
    return headers


def _ascii(host: str) -> str:
    """Raises Failed for a name that DNS cannot have."""
    try:
        return host if host.isascii() else host.encode("idna").decode()
    except UnicodeError:
        raise Failed("the name cannot be looked up") from None


def _compare(run: Run, response: HTTPResponse) -> None:
    expect = run.check.expect
    if expect.status is not None and response.status != expect.status:
        raise Unexpected(f"status {response.status}, expected {expect.status}")
    if expect.status is None and response.status >= 400:
        raise Unexpected(f"status {response.status}")
    if expect.text is not None and not _has(_beginning(response), expect.text, response):
        raise Unexpected("the expected text is missing")


def _beginning(response: HTTPResponse) -> bytes:
    """Return the body, but no more than LONGEST_BODY of it."""
    parts: list[bytes] = []
    left = LONGEST_BODY
    while left > 0 and (part := response.read1(min(left, _CHUNK))):
        parts.append(part)
        left -= len(part)
    return b"".join(parts)


def _has(body: bytes, text: str, response: HTTPResponse) -> bool:
    declared = response.headers.get_content_charset("utf-8")
    encodings = ["utf-8", *(name for name in _ENCODINGS if name == declared)]
    if declared in ("gbk", "gb2312"):
        encodings.append("gb18030")
    return any(encoded in body for name in encodings if (encoded := text.encode(name, "ignore")))
