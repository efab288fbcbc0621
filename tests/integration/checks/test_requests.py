"""What an HTTP check sends, follows and expects besides a status."""

import codecs
import json
import time
from contextlib import ExitStack
from typing import Any

import pytest

from monitor.adapters.checks.http import LONGEST_BODY, LONGEST_SEARCHED, LONGEST_SHOWN, followed
from monitor.adapters.outbound.destinations import Destinations, networks
from monitor.domain.checks.requests import METHODS, Header, Request
from monitor.domain.checks.targets import LONGEST_TARGET, url_of
from monitor.domain.errors import InvalidInput
from tests.integration.checks.targets import Authority, answering, listening, ok
from tests.integration.checks.test_probes import DAY, LOOPBACK, authority, outcome, probed, tried, url

__all__ = ["authority"]  # a fixture
SECRET = Header(name="X-Key", value="s3cret", secret=True)


def moved(location: str, status: str = "302 Found") -> bytes:
    return ok(b"", status, f"Location: {location}")


@pytest.mark.parametrize("method", METHODS)
def test_method_headers_and_body(method: str) -> None:
    seen: list[bytes] = []
    answer = ok(b"" if method == "HEAD" else b"x")
    headers = (SECRET, Header(name="user-agent", value="me"), Header(name="X-Key", value="again"))
    with listening(answering(answer, seen=seen)) as server:
        request = {"method": method, "headers": headers, "body": "ä"}
        assert (True, "") == outcome(probed("http", url(server), request=request))
    head, _, body = seen[0].partition(b"\r\n\r\n")
    first, *lines = head.decode().split("\r\n")
    assert f"{method} / HTTP/1.1" == first
    assert {"X-Key: s3cret", "X-Key: again", "user-agent: me", "Content-Length: 2"} <= {*lines}
    assert not any(line.startswith("User-Agent") for line in lines)
    assert body in (b"", "ä".encode())  # it may come with the next packet


def test_redirects_are_followed_as_far_as_wanted() -> None:
    seen: list[bytes] = []
    with ExitStack() as stack:
        last = stack.enter_context(listening(answering(ok(b"there"), seen=seen)))
        second = stack.enter_context(listening(answering(moved(url(last, "/b?c=d#e")))))
        first = url(stack.enter_context(listening(answering(moved(url(second), "301 Moved")))))
        found = probed("http", first, request={"redirects": 2}, expect={"text": "there", "status": 200})
        assert (True, "") == outcome(found)
        assert (False, "more than 1 redirects") == outcome(probed("http", first, request={"redirects": 1}))
        assert (True, "") == outcome(probed("http", first))
    assert seen[0].startswith(b"GET /b?c=d HTTP/1.1\r\n")
    assert 1 == len(seen)


def test_a_redirect_without_end_ends() -> None:
    with listening(answering(moved("/again"))) as server:
        assert (False, "more than 5 redirects") == outcome(probed("http", url(server), request={"redirects": 5}))
    assert 6 == len(server.accepted)


@pytest.mark.parametrize(
    ("status", "method"),
    [("302 Found", "GET"), ("303 See", "GET"), ("307 Again", "POST"), ("308 Again", "POST")],
)
def test_the_same_server_gets_headers_again(status: str, method: str) -> None:
    seen: list[bytes] = []

    def talk(connection: Any) -> None:
        answering(moved("/b", status) if not seen else ok(), seen=seen)(connection)

    with listening(talk) as server:
        request = {"method": "POST", "body": "x", "headers": (SECRET,), "redirects": 1}
        target = url(server).replace("//", "//us:word@")
        assert (True, "") == outcome(probed("http", target, request=request))
    assert seen[1].startswith(f"{method} /b HTTP/1.1\r\n".encode())
    assert b"X-Key: s3cret" in seen[1]
    assert b"Authorization: Basic dXM6d29yZA==" in seen[1]
    assert (b"Content-Length: 1" in seen[1]) is (method == "POST")


@pytest.mark.parametrize(("scheme", "port"), [("http", 80), ("https", 443)])
def test_a_default_port_may_be_named_or_not(scheme: str, port: int) -> None:
    request = Request(method="POST", body="x", headers=(SECRET,))
    plain, named = f"{scheme}://us:word@example.org/", f"{scheme}://example.org:{port}/"
    url, again = followed(url_of(plain), request, 307, named)
    assert (url.username, request) == ("us", again)
    assert request == followed(url_of(named), request, 307, plain)[1]


def test_another_server_gets_no_secrets() -> None:
    seen: list[bytes] = []
    with listening(answering(ok(), seen=seen)) as other:
        with listening(answering(moved(url(other)))) as server:
            target = url(server).replace("//", "//us:word@")
            assert (True, "") == outcome(probed("http", target, request={"headers": (SECRET,), "redirects": 1}))
        with listening(answering(moved(url(other), "307 Temporary"))) as server:
            request = {"method": "POST", "body": "x", "redirects": 1}
            result = probed("http", url(server), request=request)
    assert "redirects to another server, which does not get the body" == result.error
    [head] = seen
    assert b"s3cret" not in head
    assert b"Authorization" not in head


@pytest.mark.parametrize("location", ["ftp://127.0.0.1/", "http://-a/", "http://127.0.0.1:0/"])
def test_where_nothing_leads(location: str) -> None:
    with listening(answering(moved(location))) as server:
        result = probed("http", url(server), request={"redirects": 5})
    assert "redirects to what is no http or https address" == result.error


def test_a_redirect_may_name_letters_as_they_are() -> None:
    seen: list[bytes] = []

    def talk(connection: Any) -> None:
        answering(ok() if seen else moved("/caf\u00e9?q=\u00fc"), seen=seen)(connection)

    with listening(talk) as server:
        assert (True, "") == outcome(probed("http", url(server), request={"redirects": 1}))
    assert seen[1].startswith(b"GET /caf%C3%A9?q=%C3%BC HTTP/1.1\r\n")


def test_a_redirect_is_not_cut() -> None:
    with listening(answering(moved("/" + "a" * LONGEST_TARGET))) as server:
        result = probed("http", url(server), request={"redirects": 1})
    assert "redirects to an address of more than 2,000 characters" == result.error


def test_each_hop_must_be_allowed() -> None:
    with listening(answering(ok())) as inner, listening(answering(moved(f"http://[::1]:{inner.port}/"))) as server:
        near = Destinations(networks(["127.0.0.0/8"]))
        result = probed("http", url(server), request={"redirects": 5}, destinations=near)
    assert "MONITOR_ALLOWED_DESTINATIONS" in result.error
    assert LOOPBACK.allows("::1")


def test_a_private_authority(authority: Authority) -> None:
    ca = authority.file.read_text()
    with listening(answering(ok()), authority.server(50 * DAY)) as server:
        assert (True, "") == outcome(probed("http", url(server, scheme="https"), request={"ca": ca}))
        assert probed("tls", f"127.0.0.1:{server.port}", request={"ca": ca}).up
        assert "certificate not accepted" in probed("http", url(server, scheme="https")).error


@pytest.mark.parametrize(
    ("expect", "error"),
    [
        ({"json_path": "data.items[1].state", "json_value": "ok"}, ""),
        ({"json_path": "$.data.n", "json_value": "3"}, ""),
        ({"json_path": "data"}, ""),
        ({"json_path": "data.n", "json_value": "4"}, "data.n is 3, expected 4"),
        ({"json_path": "data.none"}, "there is nothing at data.none"),
        ({"json_path": "data.items.state"}, "there is nothing at data.items.state"),
        ({"pattern": r'"n":\s*(\d+)', "text": "items", "statuses": "200-299,401"}, ""),
        ({"pattern": "^nothing$"}, "the pattern does not match"),
        ({"statuses": "300-399"}, "status 200, expected 300-399"),
    ],
)
def test_what_is_expected_of_a_body(expect: dict[str, str], error: str) -> None:
    body = json.dumps({"data": {"items": [{}, {"state": "ok"}], "n": 3}}).encode()
    with listening(answering(ok(body))) as server:
        result = probed("http", url(server), expect=expect)
    assert (not error, error) == outcome(result)
    assert result.ms is not None


@pytest.mark.parametrize("body", [b"", b"{", b"\xff", b"[" * 100_000, b'{"a": 1} x'])
def test_what_is_no_json(body: bytes) -> None:
    with listening(answering(ok(body))) as server:
        assert "the answer is not JSON" == probed("http", url(server), expect={"json_path": "a"}).error


def test_json_may_begin_with_a_mark_of_its_order() -> None:
    with listening(answering(ok(codecs.BOM_UTF8 + b'{"a": 1}'))) as server:
        assert (True, "") == outcome(probed("http", url(server), expect={"json_path": "a", "json_value": "1"}))


def test_json_is_not_read_in_part() -> None:
    with listening(answering(ok(json.dumps(["a" * LONGEST_BODY]).encode()))) as server:
        result = probed("http", url(server), expect={"json_path": "[0]"})
    assert "the answer is longer than 1 MB, of which no value is read" == result.error


def test_a_trial_has_what_was_found() -> None:
    body = b'{"state": "' + b"a" * 1000 + b'"}'
    with listening(answering(ok(body))) as server:
        trial = tried("http", url(server), expect={"pattern": "aaa+", "json_path": "state"})
        failed = tried("http", url(server), expect={"pattern": "aaa+", "json_path": "none"})
    assert (200, {"pattern": "a" * LONGEST_SHOWN, "json_path": ('"' + "a" * 1000)[:LONGEST_SHOWN]}) == trial[1:]
    assert (200, False) == (failed.status, failed.result.up)


@pytest.mark.parametrize("pattern", [r"(a+)+$", r"(a|aa)+$", r"(.*a){20}b", r"(.{1,100}){1,2}b", r"([a-z]+)*c"])
def test_no_pattern_takes_long(pattern: str) -> None:
    with listening(answering(ok(b"a" * 1_000_000))) as server:
        begun = time.process_time()
        assert "the pattern does not match" == probed("http", url(server), expect={"pattern": pattern + "!"}).error
    assert time.process_time() - begun < 5


def test_a_pattern_looks_at_the_beginning() -> None:
    with listening(answering(ok(b"a" * LONGEST_SEARCHED + b"b"))) as server:
        assert not probed("http", url(server), expect={"pattern": "b"}).up


@pytest.mark.parametrize("pattern", ["(", "(?=a)", r"(a)\1", "a{1000000}", "(.{1,900}){1,9}"])
def test_patterns_that_are_refused(pattern: str) -> None:
    with pytest.raises(InvalidInput):
        probed("http", "http://127.0.0.1:1/", expect={"pattern": pattern})


def test_a_lost_key_is_said() -> None:
    result = probed("http", "http://127.0.0.1:1/", request={"is_readable": False})
    assert "MONITOR_SECRETS_KEY" in result.error
