"""Probes, with real targets."""

import ssl
import struct
import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from socket import SO_LINGER, SOL_SOCKET, socket
from typing import Any

import dns.flags
import pytest

from monitor.adapters.checks import ping
from monitor.adapters.checks.http import LONGEST_BODY
from monitor.adapters.checks.kinds import GuardedProber
from monitor.adapters.outbound.connections import Outbound, system_resolver
from monitor.adapters.outbound.destinations import Destinations, networks
from monitor.application.checks.ports import Trial
from monitor.domain.checks import kinds
from monitor.domain.checks.checks import Result
from monitor.domain.checks.kinds import Expectation
from monitor.domain.checks.requests import Request
from tests.contracts.checks import a_check
from tests.integration.checks.targets import (
    Authority,
    Listening,
    answering,
    listening,
    name_server,
    ok,
    swallowing,
)
from tests.integration.pinging import printed_by_nobody_who_may_ping
from tests.integration.ports import free_port

LOOPBACK = Destinations(networks(["127.0.0.0/8", "::1/128"]))
DAY = timedelta(days=1)


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("certificates"))


def probed(*args: Any, **changes: Any) -> Result:
    return tried(*args, **changes).result


def tried(kind: str, target: str, tls: ssl.SSLContext | None = None, **changes: Any) -> Trial:
    resolver = changes.pop("resolver", system_resolver)
    destinations = changes.pop("destinations", LOOPBACK)
    expect, request = Expectation(**changes.pop("expect", {})), Request(**changes.pop("request", {}))
    check = a_check(kind=kinds.KINDS[kind], target=target, expect=expect, request=request, **({"timeout": 5} | changes))
    prober = GuardedProber(Outbound(destinations=destinations, resolver=resolver, tls=tls))
    prober.verify(check)
    return prober.attempt(check, datetime.now(UTC))


def url(server: Listening, path: str = "/", scheme: str = "http", host: str = "127.0.0.1") -> str:
    return f"{scheme}://{host}:{server.port}{path}"


def outcome(result: Result) -> tuple[bool, str]:
    return result.up, result.error


class TestHttp:
    def test_what_is_sent(self) -> None:
        seen: list[bytes] = []
        with listening(answering(ok(), seen=seen)) as server:
            target = f"http://us%65r:p%40ss@127.0.0.1:{server.port}/a%20b/ä?q=ö&r=%2F#part"
            assert (True, "") == outcome(probed("http", target))
        lines = seen[0].decode().split("\r\n")
        assert lines[0] == "GET /a%20b/%C3%A4?q=%C3%B6&r=%2F HTTP/1.1"
        assert f"Host: 127.0.0.1:{server.port}" in lines
        assert "Authorization: Basic dXNlcjpwQHNz" in lines

    @pytest.mark.parametrize(
        ("status", "expected", "outcome_"),
        [
            ("200 OK", None, (True, "")),
            ("302 Found", None, (True, "")),
            ("399 X", None, (True, "")),
            ("400 Bad", None, (False, "status 400")),
            ("503 Busy", None, (False, "status 503")),
            ("503 Busy", 503, (True, "")),
            ("200 OK", 204, (False, "status 200, expected 204")),
        ],
    )
    def test_status(self, status: str, expected: int | None, outcome_: tuple[bool, str]) -> None:
        with listening(answering(ok(b"", status, "Location: http://127.0.0.1:1/"))) as server:
            assert outcome_ == outcome(probed("http", url(server), expect={"status": expected}))
        assert 1 == len(server.accepted)

    @pytest.mark.parametrize("interim", ["103 Early Hints\r\nLink: </a.css>", "102 Processing"])
    def test_an_interim_answer_is_passed_over(self, interim: str) -> None:
        early = f"HTTP/1.1 {interim}\r\n\r\n".encode()
        for status, outcome_ in (("503 Down", (False, "status 503")), ("200 OK", (True, ""))):
            with listening(answering(early * 2, ok(b"READY", status))) as server:
                assert outcome_ == outcome(probed("http", url(server), expect={"text": "READY"}))
        with listening(answering(early * 50, ok(b"READY"))) as server:
            assert not probed("http", url(server), expect={"status": 200}).up

    def test_a_text_at_the_beginning_of_a_long_body_in_small_chunks_is_found(self) -> None:
        chunks = b"5\r\nREADY\r\n" + b"50\r\n" + b"x" * 80 + b"\r\n"
        body = chunks + (b"50\r\n" + b"x" * 80 + b"\r\n") * 25_000
        head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
        with listening(answering(head + body)) as server:
            assert (True, "") == outcome(probed("http", url(server), expect={"text": "READY"}))

    @pytest.mark.parametrize(
        ("body", "kind", "expected"),
        [
            (b"all is well", "text/plain", "is well"),
            ("一切正常".encode(), "text/html; charset=utf-8", "正常"),
            ("一切正常".encode("gbk"), "text/html; charset=GBK", "正常"),
            ("Grüße".encode("latin-1"), "text/html; charset=latin-1", "üß"),
            ("Grüße".encode("latin-1"), "text/html; charset=ISO-8859-1", "üß"),
            ("all is well".encode("utf-16"), "text/html; charset=utf-16", "is well"),
        ],
    )
    def test_text(self, body: bytes, kind: str, expected: str) -> None:
        with listening(answering(ok(body, "200 OK", f"Content-Type: {kind}"))) as server:
            assert (True, "") == outcome(probed("http", url(server), expect={"text": expected}))
            missing = probed("http", url(server), expect={"text": "missing"})
        assert (False, "the expected text is missing") == outcome(missing)

    def test_a_text_with_letters_that_the_charset_lacks_is_missing(self) -> None:
        body = ok(b"NOT OK", "200 OK", "Content-Type: text/html; charset=windows-1252")
        with listening(answering(body)) as server:
            result = probed("http", url(server), expect={"text": "状态 OK"})
        assert (False, "the expected text is missing") == outcome(result)

    @pytest.mark.parametrize("charset", ["punycode", "idna", "zlib", "unicode_escape", "x" * 1000])
    def test_a_costly_charset_is_not_used(self, charset: str) -> None:
        body = b"a" * LONGEST_BODY
        with listening(answering(ok(body, "200 OK", f"Content-Type: text/plain; charset={charset}"))) as server:
            assert not probed("http", url(server), expect={"text": "b"}, timeout=5).up

    @pytest.mark.parametrize("end", ["Content-Length: 10000000000", "Transfer-Encoding: chunked", "Connection: close"])
    def test_of_a_body_without_end_a_megabyte_is_read(self, end: str) -> None:
        sent: list[int] = []

        def talk(connection: socket) -> None:
            answering(f"HTTP/1.1 200 OK\r\n{end}\r\n\r\n".encode())(connection)
            chunk = b"x" * 65_536
            part = f"{len(chunk):x}\r\n".encode() + chunk + b"\r\n" if "chunked" in end else chunk
            while True:
                connection.sendall(part)
                sent.append(len(part))

        with listening(talk) as server:
            assert (True, "") == outcome(probed("http", url(server)))
            begun = time.monotonic()
            found = probed("http", url(server), expect={"text": "not there"}, timeout=20)
        assert (False, "the expected text is missing") == outcome(found)
        assert time.monotonic() - begun < 10
        assert sum(sent) < 12 * LONGEST_BODY  # with what the system keeps on its way

    @pytest.mark.parametrize(
        "answer",
        [
            b"",
            b"HTTP/1.1 2",
            b"nonsense\r\n\r\n",
            b"HTTP/1.1 200 OK\r\n" + b"a: b\r\n" * 200 + b"\r\n",
            b"HTTP/1.1 200 OK\r\na: " + b"x" * 100_000,
        ],
    )
    def test_what_is_no_answer(self, answer: bytes) -> None:
        with listening(answering(answer)) as server:
            result = probed("http", url(server))
        assert not result.up
        assert result.error.startswith("not an HTTP answer")

    def test_headers_without_end(self) -> None:
        def talk(connection: socket) -> None:
            answering(b"HTTP/1.1 100 Continue\r\n\r\n")(connection)
            while True:
                connection.sendall(b"HTTP/1.1 100 Continue\r\n\r\n" * 1000)

        with listening(talk) as server:
            assert not probed("http", url(server), timeout=5).up

    def test_a_slow_answer(self) -> None:
        def drip(connection: socket) -> None:
            answering(b"HTTP/1.1 200 OK\r\n")(connection)
            while True:
                connection.sendall(b"a")
                time.sleep(0.05)

        with listening(drip) as server:
            begun = time.monotonic()
            assert (False, "timed out") == outcome(probed("http", url(server), timeout=1))
        assert 0.9 < time.monotonic() - begun < 2

    def test_a_reset(self) -> None:
        def reset(connection: socket) -> None:
            connection.recv(10)
            connection.setsockopt(SOL_SOCKET, SO_LINGER, struct.pack("ii", 1, 0))

        with listening(reset) as server:
            assert (False, "connection reset by peer") == outcome(probed("http", url(server)))

    def test_an_address_that_ends_like_no_port(self) -> None:
        with listening(answering(ok()), host="127.0.0.10") as server:
            assert (True, "") == outcome(probed("http", url(server, host="[::ffff:7f00:a]")))

    def test_its_certificate(self, authority: Authority) -> None:
        with listening(answering(ok()), authority.server(13 * DAY)) as server:
            result = probed("http", url(server, scheme="https"), authority.trusting)
            assert (True, 13.0) == (result.up, result.cert_days)
            result = probed("http", url(server, scheme="https"), authority.trusting, expect={"status": 204})
            assert (False, 13.0) == (result.up, result.cert_days)


class TestTls:
    @pytest.mark.parametrize(("ends_in", "days"), [(13 * DAY, 13.0), (2 * DAY, 2.0)])
    def test_days_are_counted(self, authority: Authority, ends_in: timedelta, days: float) -> None:
        with listening(lambda _: None, authority.server(ends_in)) as server:
            result = probed("tls", f"127.0.0.1:{server.port}", authority.trusting)
        assert (True, "", days) == (*outcome(result), result.cert_days)

    def test_a_name_with_a_dot_at_its_end(self, authority: Authority) -> None:
        with listening(answering(ok()), authority.server(5 * DAY, "web.example")) as server:
            for kind, target in (("tls", "web.example.:{}"), ("http", "https://web.example.:{}/")):
                found = probed(kind, target.format(server.port), authority.trusting, resolver=lambda *_: ["127.0.0.1"])
                assert (True, "") == outcome(found)

    def test_one_that_ended_yesterday(self, authority: Authority) -> None:
        with listening(lambda _: None, authority.server(-DAY)) as server:
            result = probed("tls", f"127.0.0.1:{server.port}", authority.trusting)
        assert (False, "certificate not accepted: certificate has expired", -1.0) == (
            *outcome(result),
            result.cert_days,
        )

    def test_one_of_somebody_else(self, authority: Authority) -> None:
        with listening(lambda _: None, authority.server(5 * DAY, "example.com")) as server:
            result = probed("tls", f"127.0.0.1:{server.port}", authority.trusting)
            unknown = probed("tls", f"127.0.0.1:{server.port}")
        assert (False, 5.0) == (result.up, result.cert_days)
        assert "not valid for '127.0.0.1'" in result.error
        assert (False, 5.0) == (unknown.up, unknown.cert_days)
        assert "unable to get local issuer" in unknown.error

    def test_ssl_cert_file_counts(self, authority: Authority, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
        from monitor.adapters.outbound.connections import default_tls

        monkeypatch.setenv("SSL_CERT_FILE", str(authority.file))
        default_tls.cache_clear()
        try:
            with listening(lambda _: None, authority.server(9 * DAY)) as server:
                assert (True, "") == outcome(probed("tls", f"127.0.0.1:{server.port}"))
        finally:
            default_tls.cache_clear()

    def test_no_tls(self) -> None:
        with listening(lambda c: c.sendall(b"SSH-2.0-OpenSSH_9\r\n")) as server:
            result = probed("tls", f"127.0.0.1:{server.port}")
        assert not result.up
        assert result.error.startswith(("no TLS:", "connection reset"))

    def test_a_handshake_that_hangs(self) -> None:
        with listening(lambda _: time.sleep(5)) as server:
            result = probed("tls", f"127.0.0.1:{server.port}", timeout=1)
        assert (False, "the TLS handshake timed out") == outcome(result)


class TestTcp:
    def test_a_port_that_listens(self) -> None:
        with listening(lambda _: None) as server, listening(lambda _: None, host="::1") as six:
            result = probed("tcp", f"127.0.0.1:{server.port}")
            assert (True, "") == outcome(result)
            assert result.ms is not None
            assert 0 < result.ms < 1000
            assert (True, "") == outcome(probed("tcp", f"[::1]:{six.port}"))

    def test_a_port_that_does_not(self) -> None:
        assert (False, "connection refused") == outcome(probed("tcp", f"127.0.0.1:{free_port()}"))

    @pytest.mark.parametrize("kind", ["tcp", "tls", "http", "dns"])
    def test_a_target_that_did_not_answer_has_no_response_time(self, kind: str) -> None:
        address = f"127.0.0.1:{free_port()}"
        target = {"http": f"http://{address}/", "dns": f"a.example@{address}"}.get(kind, address)
        result = probed(kind, target)
        assert (False, None) == (result.up, result.ms)

    def test_an_unexpected_answer_has_a_response_time(self) -> None:
        with listening(answering(ok(b"", "503 Busy"))) as server:
            result = probed("http", url(server))
        assert (False, "status 503") == outcome(result)
        assert result.ms is not None
        assert result.ms > 0

    def test_one_that_swallows_packets(self) -> None:
        with swallowing() as port:
            begun = time.monotonic()
            result = probed("tcp", f"127.0.0.1:{port}", timeout=1)
        assert (False, "connecting timed out") == outcome(result)
        assert time.monotonic() - begun < 2

    def test_another_address_gets_its_share_of_the_time(self) -> None:
        with listening(lambda _: None) as server:
            # A name with two addresses, on the first of which nobody listens.
            result = probed("tcp", f"two.example:{server.port}", resolver=lambda *_: ["127.0.0.9", "127.0.0.1"])
        assert (True, "") == outcome(result)

    def test_an_unknown_name(self) -> None:
        result = probed("tcp", "nowhere.invalid:80")
        assert not result.up
        assert "name" in result.error


class TestDestinations:
    @pytest.mark.parametrize(
        ("kind", "target"),
        [
            ("http", "http://127.0.0.1:{port}/"),
            ("http", "https://127.0.0.1:{port}/"),
            ("http", "http://[::ffff:127.0.0.1]:{port}/"),
            ("tcp", "127.0.0.1:{port}"),
            ("tls", "127.0.0.1:{port}"),
            ("ping", "127.0.0.1"),
            ("dns", "a.example@127.0.0.1:{port}"),
            ("tcp", "localhost:{port}"),
        ],
    )
    def test_not_public_ones_are_refused(self, kind: str, target: str) -> None:
        with listening(lambda _: None) as server:
            result = probed(kind, target.format(port=server.port), destinations=Destinations())
        assert not result.up
        assert "MONITOR_ALLOWED_DESTINATIONS" in result.error
        assert [] == server.accepted

    def test_a_changed_dns_answer_is_of_no_use(self) -> None:
        """The name is looked up once, and the address that was checked is the one that is connected to."""
        asked: list[str] = []

        def resolver(host: str, _: int) -> Sequence[str]:
            asked.append(host)
            return ["127.0.0.1"] if len(asked) == 1 else ["127.0.0.2"]

        allowed = Destinations(networks(["127.0.0.1/32"]))
        with listening(answering(ok())) as server:
            target = url(server, host="rebound.example")
            assert (True, "") == outcome(probed("http", target, resolver=resolver, destinations=allowed))
            assert ["rebound.example"] == asked
            refused = probed("http", target, resolver=resolver, destinations=allowed)
        assert "127.0.0.2" in refused.error
        assert 1 == len(server.accepted)

    def test_one_forbidden_address_is_enough(self) -> None:
        with listening(lambda _: None) as server:
            allowed = Destinations(networks(["127.0.0.1/32"]))
            both = ["127.0.0.1", "127.0.0.2"]
            result = probed("tcp", f"a.example:{server.port}", resolver=lambda *_: both, destinations=allowed)
        assert not result.up
        assert [] == server.accepted


RECORDS = {("a.example", "A"): ["192.0.2.7", "192.0.2.8"], ("six.example", "AAAA"): ["2001:db8::7"]}


class TestDns:
    def test_records(self) -> None:
        with name_server(RECORDS) as port:
            server = f"127.0.0.1:{port}"
            assert (True, "") == outcome(probed("dns", f"a.example@{server}"))
            assert (True, "") == outcome(probed("dns", f"a.example@{server}", expect={"record": "192.0.2.8"}))
            six = probed("dns", f"six.example@{server}", expect={"record": "2001:DB8:0::7"})
            assert (True, "") == outcome(six)
            wrong = probed("dns", f"a.example@{server}", expect={"record": "192.0.2.9"})
            assert (False, "has 192.0.2.7, 192.0.2.8, expected 192.0.2.9") == outcome(wrong)
            assert (False, "the name has no address") == outcome(probed("dns", f"b.example@{server}"))

    def test_a_refusal(self) -> None:
        with name_server({}, rcode=3) as port:
            result = probed("dns", f"a.example@127.0.0.1:{port}")
        assert (False, "the server answers NXDOMAIN") == outcome(result)

    def test_silence(self) -> None:
        with name_server({}, silent=("A", "AAAA")) as port:
            begun = time.monotonic()
            assert (False, "timed out") == outcome(probed("dns", f"a.example@127.0.0.1:{port}", timeout=1))
        assert time.monotonic() - begun < 2

    def test_a_server_may_ignore_kinds_that_it_does_not_know(self) -> None:
        with name_server(RECORDS, silent=["AAAA"]) as port:
            server = f"127.0.0.1:{port}"
            assert (True, "") == outcome(probed("dns", f"a.example@{server}"))
            wrong = probed("dns", f"a.example@{server}", expect={"record": "192.0.2.9"}, timeout=1)
            assert (False, "has 192.0.2.7, 192.0.2.8, expected 192.0.2.9") == outcome(wrong)

    def test_another_address_of_the_server_gets_its_share_of_the_time(self) -> None:
        with name_server(RECORDS) as port:
            both = ["127.0.0.9", "127.0.0.1"]
            found = probed("dns", f"a.example@ns.example:{port}", resolver=lambda *_: both, timeout=4)
        assert (True, "") == outcome(found)

    def test_an_answer_that_is_too_long_is_asked_for_by_tcp(self) -> None:
        with name_server(RECORDS, flags=dns.flags.TC) as port:
            assert (False, "connection refused") == outcome(probed("dns", f"a.example@127.0.0.1:{port}"))

    def test_the_systems_resolver(self) -> None:
        assert (True, "") == outcome(probed("dns", "localhost"))
        found = probed("dns", "a.example", resolver=lambda *_: ["10.0.0.1"], expect={"record": "10.0.0.1"})
        assert (True, "") == outcome(found)


class TestPing:
    def test_loopback_answers_or_it_says_what_it_needs(self) -> None:
        result = probed("ping", "127.0.0.1")
        assert outcome(result) in ((True, ""), (False, ping.NOT_PERMITTED))
        if result.up:
            assert result.ms is not None
            assert 0 < result.ms < 1000

    @pytest.mark.parametrize("target", ["127.0.0.1", "::1"])
    def test_users_without_rights_may_ping_where_the_system_lets_them(self, target: str) -> None:
        imports = "import icmplib\nfrom tests.integration.checks.test_probes import outcome, probed"
        assert repr((True, "")) == printed_by_nobody_who_may_ping(imports, f"outcome(probed('ping', {target!r}))")

    def test_a_host_that_does_not_answer(self) -> None:
        imports = (
            "import icmplib\nfrom tests.integration.checks.test_probes import outcome, probed\n"
            "with open('/proc/sys/net/ipv4/icmp_echo_ignore_all', 'w') as file: file.write('1')"
        )
        found = printed_by_nobody_who_may_ping(imports, "outcome(probed('ping', '127.0.0.1', timeout=1))")
        assert repr((False, "no answer to a ping")) == found


def test_a_password_is_in_no_error() -> None:
    for target in (f"http://user:s3cret@127.0.0.1:{free_port()}/?s3cret", "http://user:s3cret@nowhere.invalid/s3cret"):
        result = probed("http", target)
        assert not result.up
        assert "s3cret" not in result.error
