"""The connection: kept, renewed, timed out, and what each key tells."""

import json
import socket
import threading
import time
from email.utils import parsedate_to_datetime
from pathlib import Path

import pytest

from monitor.adapters.agent.uplink.answers import LATER, REFUSED, STORED, judge
from monitor.adapters.agent.uplink.client import Client, Delivery
from monitor.adapters.agent.uplink.target import parse_url
from tests.integration.agent.api import Api, reply, serving, stored, wait_for
from tests.integration.agent.dripping import BEHIND_ITS_HEAD, dripping

ONE = Delivery((b'{"recorded_at":"a"}',), batch=False)
MANY = Delivery((b'{"recorded_at":"b"}', b'{"recorded_at":"c"}'), batch=True)
CERTIFICATES = Path(__file__).parent / "tls"


def client_of(api: Api, key: str = "mk_key", **options: object) -> Client:
    return Client(parse_url(api.url), key, **options)  # type: ignore[arg-type] # Each test passes what it is about.


def test_samples_and_batches_go_over_one_connection(api):
    client = client_of(api)
    assert judge(client.send(ONE)).kind == STORED
    assert judge(client.send(MANY), batch_of=2).kind == STORED
    assert judge(client.send(ONE)).kind == STORED
    assert [request.path for request in api.requests] == [
        "/api/monitor/data",
        "/api/monitor/data/batch",
        "/api/monitor/data",
    ]
    assert api.requests[0].headers["X-API-Key"] == "mk_key"
    assert api.requests[0].headers["Content-Type"] == "application/json"
    assert api.connections == 1
    client.close()


def test_each_request_tells_the_hosts_clock(api):
    client = client_of(api)
    before = time.time()
    client.send(ONE)
    client.send(MANY)
    told = [parsedate_to_datetime(request.headers["Date"]).timestamp() for request in api.requests]
    assert int(before) <= told[0] <= told[1] <= time.time()
    client.close()


def test_a_servers_own_key_tells_no_address(api):
    client = client_of(api)
    client.send(ONE)
    assert api.requests[0].body == {"recorded_at": "a"}
    client.close()


@pytest.mark.parametrize("key", ["mf_key", "a custom one"])
def test_a_fleets_key_tells_where_the_connection_comes_from(api, key):
    client = client_of(api, key)
    client.send(ONE)
    client.send(MANY)
    assert [sample["ip_address"] for request in api.requests for sample in request.samples] == ["127.0.0.1"] * 3
    client.close()


def test_an_address_of_ones_own_is_told_instead(api):
    client = client_of(api, "mf_key", ip="2001:db8::1")
    client.send(ONE)
    assert api.requests[0].body["ip_address"] == "2001:db8::1"
    client.close()


def test_a_path_prefix_is_kept(api):
    client = Client(parse_url(f"{api.url}/monitor/"), "mk_key")
    client.send(ONE)
    assert api.requests[0].path == "/monitor/api/monitor/data"
    client.close()


def test_a_connection_that_went_stale_costs_no_sample(api):
    """The server closed it while it was idle, and did not say so."""
    api.drops_idle_connections = True
    client = client_of(api)
    for _ in range(4):
        assert judge(client.send(ONE)).kind == STORED
    assert len(api.requests) == 4
    assert api.connections == 4
    client.close()


def test_a_server_that_closes_after_each_answer_is_connected_to_anew(api):
    api.answer = lambda request: (*stored(request)[:1], {"Connection": "close"}, stored(request)[2])
    client = client_of(api)
    assert [judge(client.send(ONE)).kind for _ in range(3)] == [STORED] * 3
    client.close()


def test_a_server_that_hangs_is_given_up_and_not_asked_twice(api):
    asked, released = [], threading.Event()

    def hang(request):
        asked.append(request)
        released.wait(20)
        return stored(request)

    api.answer = hang
    client = client_of(api, timeout=0.2)
    verdict = judge(client.send(ONE))
    assert (verdict.kind, verdict.why) == (LATER, "timed out")
    assert len(asked) == 1
    released.set()
    client.close()


@pytest.mark.parametrize("answer", [BEHIND_ITS_HEAD, b"HTTP/1.1 100 Continue\r\n\r\n" * 50], ids=["body", "heads"])
def test_a_server_that_drips_is_given_up(answer):
    """Each byte comes in time; the whole would take more than ten seconds."""
    with dripping(answer) as server:
        client = Client(parse_url(server.url), "mk_key", timeout=0.5)
        verdicts = [judge(client.send(ONE)) for _ in range(2)]
    assert [(verdict.kind, verdict.why) for verdict in verdicts] == [(LATER, "timed out")] * 2
    assert server.taken == 2


def test_a_server_that_takes_nothing_is_given_up():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        target = parse_url(f"http://127.0.0.1:{listener.getsockname()[1]}")
        verdict = judge(Client(target, "mk_key", timeout=0.2).send(Delivery((b"{}" * 8_000_000,), batch=False)))
    assert (verdict.kind, verdict.why) == (LATER, "timed out")


def test_heads_without_end_are_not_read():
    with dripping(b"HTTP/1.1 100 Continue\r\n\r\n" * 20_000, pause=0) as server:
        verdict = judge(Client(parse_url(server.url), "mk_key").send(ONE))
    assert (verdict.kind, verdict.why) == (LATER, "the answer is too long")


def test_nobody_there_is_told():
    with serving(Api()) as gone:
        pass
    verdict = judge(client_of(gone).send(ONE))
    assert (verdict.kind, verdict.why) == (LATER, "Connection refused")


def test_a_name_that_does_not_exist_is_told():
    verdict = judge(Client(parse_url("http://no-such-host.invalid"), "mk_key").send(ONE))
    assert verdict.kind == LATER
    assert verdict.why


def test_the_pause_that_a_busy_server_asks_for(api):
    client = client_of(api)
    for text, seconds in (("7", 7.0), ("999999", 3600.0), ("Wed, 21 Oct 2026 07:28:00 GMT", 0.0), ("-1", 0.0)):
        api.answer = lambda _request, text=text: reply(503, Retry_After=text)
        assert judge(client.send(ONE)).retry_after == seconds
    assert api.connections == 1
    client.close()


def test_a_redirect_is_not_followed(api):
    api.answer = lambda _request: reply(308, Location="https://elsewhere/")
    client = client_of(api)
    verdict = judge(client.send(ONE))
    assert verdict.kind == REFUSED
    assert "https://elsewhere/" in verdict.why
    client.close()


def test_an_endless_answer_is_not_read():
    with serving(Api(answer=lambda _request: (200, {}, b"x" * 2_000_000))) as api:
        client = client_of(api)
        verdict = judge(client.send(ONE))
    assert (verdict.kind, verdict.why) == (LATER, "the answer is too long")


def test_tls_is_verified(monkeypatch):
    with serving(Api(), certificates=CERTIFICATES) as api:
        target = parse_url(f"https://localhost:{api.port}")
        stranger = judge(Client(target, "mk_key").send(ONE))
        assert stranger.kind == LATER
        assert "certificate" in stranger.why.lower()
        monkeypatch.setenv("SSL_CERT_FILE", str(CERTIFICATES / "cert.pem"))
        client = Client(target, "mf_key")
        assert judge(client.send(ONE)).kind == STORED
        wait_for(lambda: api.requests, "the sample")
        assert json.dumps(api.requests[0].body)
        assert api.requests[0].headers["Host"] == f"localhost:{api.port}"
        client.close()


def test_certificates_may_lie_one_by_one(monkeypatch, tmp_path):
    """As the system's do: named by the hash of whom they are for, of which only the one that is needed is read."""
    (tmp_path / "4e6dcb8c.0").write_bytes((CERTIFICATES / "cert.pem").read_bytes())
    monkeypatch.delenv("SSL_CERT_FILE", raising=False)
    monkeypatch.setenv("SSL_CERT_DIR", str(tmp_path))
    with serving(Api(), certificates=CERTIFICATES) as api:
        client = Client(parse_url(f"https://localhost:{api.port}"), "mk_key")
        assert judge(client.send(ONE)).kind == STORED
        client.close()
