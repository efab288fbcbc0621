"""Checks of a host against servers that the test starts."""

import os
import socket
import ssl
import struct
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from monitor.adapters.agent.probes.checks import parse_check, run_check
from monitor.adapters.agent.probes.datagrams import NotAllowedError, has_address, icmp_socket, is_found
from tests.integration.agent.api import Api, wait_for
from tests.integration.agent.running import agent, environment
from tests.integration.pinging import printed_by_nobody_who_may_ping

CERTIFICATES = Path(__file__).parent / "tls"
OWN = 20.0
"""Days: more than this is left of the test's certificate."""


def run(line: str) -> dict[str, float]:
    return {name.partition(":")[2]: value for name, value in run_check(parse_check(f"it {line}"))}


@contextmanager
def web(status: bytes, *, tls: bool = False, seconds: float = 0) -> Iterator[int]:
    """A server that answers each request with *status*; return its port."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(CERTIFICATES / "cert.pem", CERTIFICATES / "key.pem")
    listener = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        with suppress(OSError):
            while True:
                raw, _ = listener.accept()
                with suppress(OSError), context.wrap_socket(raw, server_side=True) if tls else raw as peer:
                    asked = peer.recv(1000)
                    time.sleep(seconds)
                    if asked:
                        peer.sendall(b"HTTP/1.1 %s\r\nContent-Length: 10000000000\r\n\r\n" % status)

    threading.Thread(target=serve, daemon=True).start()
    try:
        yield listener.getsockname()[1]
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()


@pytest.mark.parametrize(
    ("status", "up"), [(b"200 OK", 1), (b"302 Found", 1), (b"404 Not Found", 0), (b"500 No", 0), (b"nonsense", 0)]
)
def test_a_site_is_up_below_400(status, up):
    with web(status) as port:
        found = run(f"http http://127.0.0.1:{port}/path?x=1")
    assert found["it:up"] == up
    assert ("it:ms" in found) is bool(up)
    assert "it:cert_days" not in found


def test_the_time_is_that_of_the_answer():
    with web(b"200 OK", seconds=0.2) as port:
        assert 200 <= run(f"http http://127.0.0.1:{port}")["it:ms"] < 5_000


@pytest.mark.parametrize("kind", ["http https://{}:{}", "tls {}:{}"])
def test_a_certificate_that_verifies_has_days_left(kind, monkeypatch):
    monkeypatch.setenv("SSL_CERT_FILE", str(CERTIFICATES / "cert.pem"))
    with web(b"200 OK", tls=True) as port:
        found = run(kind.format("localhost", port))
        assert found["it:up"] == 1
        assert found["it:cert_days"] > OWN
        assert run(kind.format("127.0.0.2", port)) == {"it:up": 0.0}  # Another name than the certificate's.


def test_a_certificate_of_nobody_is_down(monkeypatch):
    monkeypatch.delenv("SSL_CERT_FILE", raising=False)
    with web(b"200 OK", tls=True) as port:
        assert run(f"tls localhost:{port}") == {"it:up": 0.0}


def test_a_port_that_listens_is_up():
    with web(b"200 OK") as port:
        assert run(f"tcp 127.0.0.1:{port}")["it:up"] == 1
    assert run(f"tcp 127.0.0.1:{port}") == {"it:up": 0.0}
    assert run("tcp no-such-host.invalid:80") == {"it:up": 0.0}


@contextmanager
def name_server(records: dict[int, list[bytes]], code: int = 0, lost: int = 0) -> Iterator[int]:
    """Answers each question with the *records* of its kind; the first *lost* questions with nothing."""
    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    sock.bind(("127.0.0.1", 0))

    def serve() -> None:
        asked = 0
        with suppress(OSError):
            while True:
                question, sender = sock.recvfrom(1000)
                asked += 1
                if asked <= lost:
                    continue
                found = records.get(struct.unpack("!H", question[-4:-2])[0], [])
                sock.sendto(b"XX not for us", sender)
                head = question[:2] + struct.pack("!5H", 0x8180 | code, 1, len(found), 0, 0)
                sock.sendto(head + question[12:] + b"".join(found), sender)

    threading.Thread(target=serve, daemon=True).start()
    try:
        yield sock.getsockname()[1]
    finally:
        sock.close()


def record(kind: int, data: bytes) -> bytes:
    return b"\xc0\x0c" + struct.pack("!HHIH", kind, 1, 60, len(data)) + data


@pytest.mark.parametrize(
    ("records", "code", "up"),
    [
        ({1: [record(5, b"\x03www\xc0\x0c"), record(1, b"\x7f\0\0\1")]}, 0, 1),
        ({28: [record(28, bytes(16))]}, 0, 1),
        ({1: [record(5, b"\x03www\xc0\x0c")]}, 0, 0),
        ({}, 3, 0),
        ({1: [record(1, b"\x7f\0\0\1")[:9]]}, 0, 0),
    ],
)
def test_a_name_at_a_name_server(records, code, up):
    with name_server(records, code) as port:
        assert run(f"dns example.org@127.0.0.1:{port}")["it:up"] == up


def test_a_question_that_got_lost_is_asked_again():
    with name_server({1: [record(1, b"\x7f\0\0\1")]}, lost=1) as port:
        assert has_address("example.org", "127.0.0.1", port, 1.5)


def test_the_systems_resolver():
    assert run("dns localhost")["it:up"] == 1
    assert run("dns no-such-host.invalid") == {"it:up": 0.0}


@pytest.mark.parametrize("answer", [b"", b"x" * 11, bytes(12), b"\0\0\x81\x80\0\1\0\1\0\0\0\0\xff"])
def test_what_is_no_dns_is_an_error(answer):
    with pytest.raises(ValueError, match=r"DNS|answer"):
        is_found(answer, 1)


def may_ping() -> bool:
    try:
        icmp_socket(socket.AF_INET)[0].close()
    except NotAllowedError:
        return False
    return True


def test_ping():
    if not may_ping():
        pytest.fail("these tests need CAP_NET_RAW, or net.ipv4.ping_group_range with this group")
    found = run("ping 127.0.0.1")
    assert found["it:up"] == 1
    assert 0 < found["it:ms"] < 1000
    assert run("ping no-such-host.invalid") == {"it:up": 0.0}


@pytest.mark.parametrize("host", ["127.0.0.1", "::1"])
def test_users_without_rights_may_ping_where_the_system_lets_them(host):
    imports = "from monitor.adapters.agent.probes.datagrams import ping"
    assert "True" == printed_by_nobody_who_may_ping(imports, f"0 < ping({host!r}, 5) < 5")


def test_without_the_right_to_ping_a_check_is_left_out_with_one_line(api: Api, tmp_path):
    """As nobody, without capabilities; a machine that lets everybody ping shows the other half."""
    group, *_ = Path("/proc/sys/net/ipv4/ping_group_range").read_text().split()
    if os.geteuid() != 0 or int(group) == 0:
        assert may_ping()
        return
    code = (
        "import os; os.setgid(65534); os.setuid(65534)\n"
        "from monitor.adapters.agent.probes.checks import parse_check\n"
        "from monitor.adapters.agent.probes.checks import run_check\n"
        "run_check(parse_check('gw ping 127.0.0.1'))"
    )
    done = subprocess.run([sys.executable, "-c", code], env=environment(), capture_output=True, text=True, check=False)
    assert "NotAllowedError: this user may not ping: net.ipv4.ping_group_range" in done.stderr


def test_an_agent_reports_its_checks(api: Api, tmp_path):
    checks = tmp_path / "checks"
    with web(b"200 OK") as port:
        checks.write_text(f"site http http://127.0.0.1:{port}/\ndead tcp 127.0.0.1:1\nhere dns localhost\n")
        with agent(tmp_path, API_URL=api.url, AGENT_CHECKS=str(checks)) as running:
            wait_for(lambda: {"check:site:up", "check:dead:up", "check:here:up"} <= api.extra.keys(), "the checks")
            assert (api.extra["check:site:up"], api.extra["check:dead:up"], api.extra["check:here:up"]) == (1, 0, 1)
            assert api.extra["check:site:ms"] > 0
            assert running.stop_at_once() == 0
