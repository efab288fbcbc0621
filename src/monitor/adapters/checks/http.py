"""Checks what a URL answers: its status, and what is in the first megabyte of its body."""

from base64 import b64encode
from codecs import BOM_UTF8
from contextlib import closing, suppress
from http.client import HTTPConnection, HTTPException, HTTPResponse
from typing import Any, cast
from urllib.parse import SplitResult, quote, unquote, urljoin

import msgspec

from monitor.adapters.checks.outcomes import Answer, Failed, Run, Unexpected
from monitor.adapters.outbound.connections import Endless
from monitor.domain.checks.json_paths import equals, value_at
from monitor.domain.checks.kinds import Expectation
from monitor.domain.checks.requests import Request
from monitor.domain.checks.targets import LONGEST_TARGET, PORTS, origin_of, url_of
from monitor.domain.errors import InvalidInput, Problem

LONGEST_BODY = 1_000_000
LONGEST_SHOWN = 200
LONGEST_SEARCHED = 200_000
_LARGEST_PATTERN, _PATTERN_MEMORY = 2_000, 1 << 20
"""Instructions and bytes: with the length of the text at most a second of one core, in which other threads run on."""
_CHUNK = 65_536
_MOST_INTERIM = 10
"""Answers such as 103 Early Hints, before the one that counts."""
_AS_IT_IS = "/?%:@!$&'()*+,;=~"
_ENCODINGS = ("gb18030", "big5", "shift_jis", "euc-jp", "euc-kr", "windows-1251", "windows-1252", "utf-16")
"""Of which a page may be, besides UTF-8. Others cost too much, such as punycode, or are not in use."""
_READ_AS = {"gbk": "gb18030", "gb2312": "gb18030", "iso-8859-1": "windows-1252", "latin-1": "windows-1252"}
"""As browsers do: the others are part of these."""
_REDIRECTS = (301, 302, 303, 307, 308)
_KEEP_METHOD = (307, 308)


def probe(run: Run) -> Answer:
    url, request, left = url_of(run.check.target), run.check.request, run.check.request.redirects
    if not request.is_readable:
        raise Failed("its headers and body cannot be read: MONITOR_SECRETS_KEY has changed")
    while (moved := _asked(run, url, request)) is not None:
        if not left:
            raise Unexpected(f"more than {run.check.request.redirects} redirects", run.found.cert_ends)
        left -= 1
        url, request = followed(url, request, *moved)
    return Answer(cert_ends=run.found.cert_ends)


def _asked(run: Run, url: SplitResult, request: Request) -> tuple[int, str] | None:
    """Ask *url*, and compare the answer. Return the status and target of a redirect to follow instead."""
    host, port = url.hostname or "", url.port or PORTS[url.scheme]
    addresses = run.addresses(host, port)
    with closing(run.connect(addresses, port)) as connection:
        if url.scheme == "https":
            own = run.secured(connection, addresses, _ascii(host), port)
            run.found.cert_ends = min(own, run.found.cert_ends or own)
        ends = run.found.cert_ends
        try:
            with closing(_sent(url, request, cast(Any, connection))) as response:
                run.found.status, location = response.status, response.getheader("Location")
                if run.check.request.redirects and response.status in _REDIRECTS and location:
                    return response.status, location
                _compare(run, response)
        except HTTPException as error:
            raise Failed(f"not an HTTP answer ({type(error).__name__})", ends) from None
        except Failed as error:
            raise type(error)(str(error), ends) from None
        except TimeoutError:
            raise Failed("timed out", ends) from None
        except ConnectionError as error:
            raise Failed(error.strerror or "the connection was closed", ends) from None
    return None


def followed(url: SplitResult, request: Request, status: int, location: str) -> tuple[SplitResult, Request]:
    """Return what a redirect leads to, without headers and body for another server. Raises Unexpected."""
    if len(location) > LONGEST_TARGET:
        raise Unexpected(f"redirects to an address of more than {LONGEST_TARGET:,} characters")
    with suppress(UnicodeError):  # http.client reads headers as Latin-1
        location = location.encode("latin-1").decode()
    try:
        after = url_of(urljoin(url.geturl(), location))
    except ValueError:
        raise Unexpected("redirects to what is no http or https address") from None
    keeps = status in _KEEP_METHOD or request.method == "HEAD"
    method, body = (request.method, request.body) if keeps else ("GET", None)
    if origin_of(url) == origin_of(after):
        if url.username is not None and after.username is None:
            after = after._replace(netloc=f"{url.netloc.rpartition('@')[0]}@{after.netloc}")
        return after, Request(method=method, headers=request.headers, body=body)
    if body is not None:
        raise Unexpected("redirects to another server, which does not get the body")
    return after, Request(method=method)


def _sent(url: SplitResult, request: Request, connection: Any) -> HTTPResponse:
    """Send the request on a *connection* that has the methods of a socket, and read the head of the answer."""
    sending = HTTPConnection(_ascii(url.hostname or ""), PORTS[url.scheme])  # else the end of an IPv6 address is a port
    sending.sock = connection
    path = quote(url.path, safe=_AS_IT_IS) or "/"
    query = f"?{quote(url.query, safe=_AS_IT_IS)}" if url.query else ""
    sending.putrequest(request.method, path + query, skip_host=True, skip_accept_encoding=True)
    body = None if request.body is None else request.body.encode()
    own = {each.name.lower() for each in request.headers}
    for name, value in _headers(url, body).items():
        if name.lower() not in own:
            sending.putheader(name, value)
    for each in request.headers:
        sending.putheader(each.name, each.value)
    sending.endheaders(body)
    # Not `getresponse`, which closes a connection that the server means to close before its body is read.
    response = HTTPResponse(connection, method=request.method)
    response.begin()
    for _ in range(_MOST_INTERIM):
        if not 102 <= response.status < 200:
            break
        response.headers = response.msg = None  # type: ignore[assignment]  # else it takes the next head for read
        response.begin()
    return response


def _headers(url: SplitResult, body: bytes | None) -> dict[str, str]:
    host = _ascii(url.hostname or "")
    host = f"[{host}]" if ":" in host else host
    headers = {
        "Host": host if url.port in (None, PORTS[url.scheme]) else f"{host}:{url.port}",
        "User-Agent": "monitor-check",
        "Accept": "*/*",
        "Connection": "close",
    }
    if body is not None:
        headers["Content-Length"] = str(len(body))
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
    if not any(response.status in accepted for accepted in expect.accepted):
        wanted = expect.statuses if expect.status is None else expect.status
        raise Unexpected(f"status {response.status}" + (f", expected {wanted}" if wanted else ""))
    if looks := [name for name in _LOOKS if getattr(expect, name) is not None]:
        body, charset = _beginning(response), response.headers.get_content_charset("utf-8")
        charset = _READ_AS.get(charset, charset)
        charset = charset if charset in _ENCODINGS else "utf-8"
        for name in looks:
            run.found.matched[name] = _LOOKS[name](expect, body, charset)[:LONGEST_SHOWN]


def _text(expect: Expectation, body: bytes, charset: str) -> str:
    text = expect.text or ""
    if not any(text in body.decode(name, "replace") for name in {"utf-8", charset}):
        raise Unexpected("the expected text is missing")
    return text


def _pattern(expect: Expectation, body: bytes, charset: str) -> str:
    found = compiled(expect.pattern or "").search(body.decode(charset, "replace")[:LONGEST_SEARCHED])
    if found is None:
        raise Unexpected("the pattern does not match")
    return str(found.group(0))


def _value(expect: Expectation, body: bytes, _: str) -> str:
    path = expect.json_path or ""
    try:
        value = value_at(msgspec.json.decode(body.removeprefix(BOM_UTF8)), path)
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        if len(body) >= LONGEST_BODY:
            raise Unexpected("the answer is longer than 1 MB, of which no value is read") from None
        raise Unexpected("the answer is not JSON") from None
    except LookupError:
        raise Unexpected(f"there is nothing at {path}") from None
    shown = msgspec.json.encode(value).decode()
    if expect.json_value is not None and not equals(value, expect.json_value):
        raise Unexpected(f"{path} is {shown[:LONGEST_SHOWN]}, expected {expect.json_value}")
    return shown


_LOOKS = {"text": _text, "pattern": _pattern, "json_path": _value}


def compiled(pattern: str) -> Any:
    """Return a pattern of RE2: its time is at most its size times the length of the text. Raises InvalidInput."""
    import re2  # 3 MB, only for those who use patterns

    options = re2.Options()
    options.log_errors, options.max_mem = False, _PATTERN_MEMORY
    with suppress(re2.error):
        found = re2.compile(pattern, options=options)
        if found.programsize <= _LARGEST_PATTERN:
            return found
    raise InvalidInput({"expect.pattern": Problem("invalid_pattern")})


def _beginning(response: HTTPResponse) -> bytes:
    """Return the body, but no more than LONGEST_BODY of it."""
    parts: list[bytes] = []
    left = LONGEST_BODY
    with suppress(Endless):  # what surrounds small chunks counts as well
        while left > 0 and (part := response.read1(min(left, _CHUNK))):
            parts.append(part)
            left -= len(part)
    return b"".join(parts)
