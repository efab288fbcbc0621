"""The connection: kept, renewed, timed out, and what each key tells."""

import json
import socket
import threading
import time
from email.utils import parsedate_to_datetime
from pathlib import Path

import pytest

from monitor.adapters.agent.answers import LATER, REFUSED, STORED, judge
from monitor.adapters.agent.target import parse_url
from monitor.adapters.agent.uplink import Parcel, Uplink
from tests.integration.agent.api import Api, reply, serving, stored, wait_for
from tests.integration.agent.dripping import BEHIND_ITS_HEAD, dripping

ONE = Parcel((b'{"recorded_at":"a"}',), batch=False)
MANY = Parcel((b'{"recorded_at":"b"}', b'{"recorded_at":"c"}'), batch=True)
CERTIFICATES = Path(__file__).parent / "tls"


def uplink(api: Api, key: str = "mk_key", **options: object) -> Uplink:
    return Uplink(parse_url(api.url), key, **options)  # type: ignore[arg-type] # Each test passes what it is about.


def test_samples_and_batches_go_over_one_connection(api):
    link = uplink(api)
    assert judge(link.send(ONE)).kind == STORED
    assert judge(link.send(MANY), batch_of=2).kind == STORED
    assert judge(link.send(ONE)).kind == STORED
    assert [request.path for request in api.requests] == [
        "/api/monitor/data",
        "/api/monitor/data/batch",
        "/api/monitor/data",
    ]
    assert api.requests[0].headers["X-API-Key"] == "mk_key"
    assert api.requests[0].headers["Content-Type"] == "application/json"
    assert api.connections == 1
    link.close()


def test_each_request_tells_the_hosts_clock(api):
    link = uplink(api)
    before = time.time()
    link.send(ONE)
    link.send(MANY)
    told = [parsedate_to_datetime(request.headers["Date"]).timestamp() for request in api.requests]
    assert int(before) <= told[0] <= told[1] <= time.time()
    link.close()


def test_a_servers_own_key_tells_no_address(api):
    link = uplink(api)
    link.send(ONE)
    assert api.requests[0].body == {"recorded_at": "a"}
    link.close()


@pytest.mark.parametrize("key", ["mf_key", "a custom one"])
def test_a_fleets_key_tells_where_the_connection_comes_from(api, key):
    link = uplink(api, key)
    link.send(ONE)
    link.send(MANY)
    assert [sample["ip_address"] for request in api.requests for sample in request.samples] == ["127.0.0.1"] * 3
    link.close()


def test_an_address_of_ones_own_is_told_instead(api):
    link = uplink(api, "mf_key", ip="2001:db8::1")
    link.send(ONE)
    assert api.requests[0].body["ip_address"] == "2001:db8::1"
    link.close()


def test_a_path_prefix_is_kept(api):
    link = Uplink(parse_url(f"{api.url}/monitor/"), "mk_key")
    link.send(ONE)
    assert api.requests[0].path == "/monitor/api/monitor/data"
    link.close()


def test_a_connection_that_went_stale_costs_no_sample(api):
    """The server closed it while it was idle, and did not say so."""
    api.drops_idle_connections = True
    link = uplink(api)
    for _ in range(4):
        assert judge(link.send(ONE)).kind == STORED
    assert len(api.requests) == 4
    assert api.connections == 4
    link.close()


def test_a_server_that_closes_after_each_answer_is_connected_to_anew(api):
    api.answer = lambda request: (*stored(request)[:1], {"Connection": "close"}, stored(request)[2])
    link = uplink(api)
    assert [judge(link.send(ONE)).kind for _ in range(3)] == [STORED] * 3
    link.close()


def test_a_server_that_hangs_is_given_up_and_not_asked_twice(api):
    asked, released = [], threading.Event()

    def hang(request):
        asked.append(request)
        released.wait(20)
        return stored(request)

    api.answer = hang
    link = uplink(api, timeout=0.2)
    verdict = judge(link.send(ONE))
    assert (verdict.kind, verdict.why) == (LATER, "timed out")
    assert len(asked) == 1
    released.set()
    link.close()


@pytest.mark.parametrize("answer", [BEHIND_ITS_HEAD, b"HTTP/1.1 100 Continue\r\n\r\n" * 50], ids=["body", "heads"])
def test_a_server_that_drips_is_given_up(answer):
    """Each byte comes in time; the whole would take more than ten seconds."""
    with dripping(answer) as server:
        link = Uplink(parse_url(server.url), "mk_key", timeout=0.5)
        verdicts = [judge(link.send(ONE)) for _ in range(2)]
    assert [(verdict.kind, verdict.why) for verdict in verdicts] == [(LATER, "timed out")] * 2
    assert server.taken == 2


def test_a_server_that_takes_nothing_is_given_up():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        target = parse_url(f"http://127.0.0.1:{listener.getsockname()[1]}")
        verdict = judge(Uplink(target, "mk_key", timeout=0.2).send(Parcel((b"{}" * 8_000_000,), batch=False)))
    assert (verdict.kind, verdict.why) == (LATER, "timed out")


def test_heads_without_end_are_not_read():
    with dripping(b"HTTP/1.1 100 Continue\r\n\r\n" * 20_000, pause=0) as server:
        verdict = judge(Uplink(parse_url(server.url), "mk_key").send(ONE))
    assert (verdict.kind, verdict.why) == (LATER, "the answer is too long")


def test_nobody_there_is_told():
    with serving(Api()) as gone:
        pass
    verdict = judge(uplink(gone).send(ONE))
    assert (verdict.kind, verdict.why) == (LATER, "Connection refused")


def test_a_name_that_does_not_exist_is_told():
    verdict = judge(Uplink(parse_url("http://no-such-host.invalid"), "mk_key").send(ONE))
    assert verdict.kind == LATER
    assert verdict.why


def test_the_pause_that_a_busy_server_asks_for(api):
    link = uplink(api)
    for text, seconds in (("7", 7.0), ("999999", 3600.0), ("Wed, 21 Oct 2026 07:28:00 GMT", 0.0), ("-1", 0.0)):
        api.answer = lambda _request, text=text: reply(503, Retry_After=text)
        assert judge(link.send(ONE)).retry_after == seconds
    assert api.connections == 1
    link.close()


def test_a_redirect_is_not_followed(api):
    api.answer = lambda _request: reply(308, Location="https://elsewhere/")
    link = uplink(api)
    verdict = judge(link.send(ONE))
    assert verdict.kind == REFUSED
    assert "https://elsewhere/" in verdict.why
    link.close()


def test_an_endless_answer_is_not_read():
    with serving(Api(answer=lambda _request: (200, {}, b"x" * 2_000_000))) as api:
        link = uplink(api)
        verdict = judge(link.send(ONE))
    assert (verdict.kind, verdict.why) == (LATER, "the answer is too long")


def test_tls_is_verified(monkeypatch):
    with serving(Api(), certificates=CERTIFICATES) as api:
        target = parse_url(f"https://localhost:{api.port}")
        stranger = judge(Uplink(target, "mk_key").send(ONE))
        assert stranger.kind == LATER
        assert "certificate" in stranger.why.lower()
        monkeypatch.setenv("SSL_CERT_FILE", str(CERTIFICATES / "cert.pem"))
        link = Uplink(target, "mf_key")
        assert judge(link.send(ONE)).kind == STORED
        wait_for(lambda: api.requests, "the sample")
        assert json.dumps(api.requests[0].body)
        assert api.requests[0].headers["Host"] == f"localhost:{api.port}"
        link.close()


def test_certificates_may_lie_one_by_one(monkeypatch, tmp_path):
    """As the system's do: named by the hash of whom they are for, of which only the one that is needed is read."""
    (tmp_path / "4e6dcb8c.0").write_bytes((CERTIFICATES / "cert.pem").read_bytes())
    monkeypatch.delenv("SSL_CERT_FILE", raising=False)
    monkeypatch.setenv("SSL_CERT_DIR", str(tmp_path))
    with serving(Api(), certificates=CERTIFICATES) as api:
        link = Uplink(parse_url(f"https://localhost:{api.port}"), "mk_key")
        assert judge(link.send(ONE)).kind == STORED
        link.close()
