"""The connection: kept, renewed, timed out, and the address that is sent."""

import json
import socket
import threading
import time
from email.utils import parsedate_to_datetime
from pathlib import Path

import pytest

from monitor.adapters.agent.uplink.client import Client, Delivery
from monitor.adapters.agent.uplink.outcomes import LATER, REFUSED, STORED, judge
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


def test_each_request_contains_the_hosts_time(api):
    client = client_of(api)
    before = time.time()
    client.send(ONE)
    client.send(MANY)
    sent = [parsedate_to_datetime(request.headers["Date"]).timestamp() for request in api.requests]
    assert int(before) <= sent[0] <= sent[1] <= time.time()
    client.close()


def test_with_the_key_of_one_server_no_address_is_sent(api):
    client = client_of(api)
    client.send(ONE)
    assert api.requests[0].body == {"recorded_at": "a"}
    client.close()


@pytest.mark.parametrize("key", ["mf_key", "a custom one"])
def test_with_another_key_the_local_address_is_sent(api, key):
    client = client_of(api, key)
    client.send(ONE)
    client.send(MANY)
    assert [sample["ip_address"] for request in api.requests for sample in request.samples] == ["127.0.0.1"] * 3
    client.close()


def test_a_given_address_is_sent_instead(api):
    client = client_of(api, "mf_key", ip="2001:db8::1")
    client.send(ONE)
    assert api.requests[0].body["ip_address"] == "2001:db8::1"
    client.close()


def test_a_path_prefix_is_kept(api):
    client = Client(parse_url(f"{api.url}/monitor/"), "mk_key")
    client.send(ONE)
    assert api.requests[0].path == "/monitor/api/monitor/data"
    client.close()


def test_a_stale_connection_loses_no_sample(api):
    """The server closed it while it was idle, without notice."""
    api.drops_idle_connections = True
    client = client_of(api)
    for _ in range(4):
        assert judge(client.send(ONE)).kind == STORED
    assert len(api.requests) == 4
    assert api.connections == 4
    client.close()


def test_after_a_server_closes_the_connection_a_new_one_is_opened(api):
    api.answer = lambda request: (*stored(request)[:1], {"Connection": "close"}, stored(request)[2])
    client = client_of(api)
    assert [judge(client.send(ONE)).kind for _ in range(3)] == [STORED] * 3
    client.close()


def test_a_server_that_hangs_times_out_and_is_not_asked_twice(api):
    asked, released = [], threading.Event()

    def hang(request):
        asked.append(request)
        released.wait(20)
        return stored(request)

    api.answer = hang
    client = client_of(api, timeout=0.2)
    outcome = judge(client.send(ONE))
    assert (outcome.kind, outcome.why) == (LATER, "timed out")
    assert len(asked) == 1
    released.set()
    client.close()


@pytest.mark.parametrize("answer", [BEHIND_ITS_HEAD, b"HTTP/1.1 100 Continue\r\n\r\n" * 50], ids=["body", "heads"])
def test_a_dripping_server_times_out(answer):
    """Each byte comes in time; the whole would take more than ten seconds."""
    with dripping(answer) as server:
        client = Client(parse_url(server.url), "mk_key", timeout=0.5)
        outcomes = [judge(client.send(ONE)) for _ in range(2)]
    assert [(outcome.kind, outcome.why) for outcome in outcomes] == [(LATER, "timed out")] * 2
    assert server.taken == 2


def test_a_server_that_reads_nothing_times_out():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        target = parse_url(f"http://127.0.0.1:{listener.getsockname()[1]}")
        outcome = judge(Client(target, "mk_key", timeout=0.2).send(Delivery((b"{}" * 8_000_000,), batch=False)))
    assert (outcome.kind, outcome.why) == (LATER, "timed out")


def test_endless_interim_answers_are_not_read():
    with dripping(b"HTTP/1.1 100 Continue\r\n\r\n" * 20_000, pause=0) as server:
        outcome = judge(Client(parse_url(server.url), "mk_key").send(ONE))
    assert (outcome.kind, outcome.why) == (LATER, "the answer is too long")


def test_a_refused_connection_is_reported():
    with serving(Api()) as gone:
        pass
    outcome = judge(client_of(gone).send(ONE))
    assert (outcome.kind, outcome.why) == (LATER, "Connection refused")


def test_an_unknown_host_name_is_reported():
    outcome = judge(Client(parse_url("http://no-such-host.invalid"), "mk_key").send(ONE))
    assert outcome.kind == LATER
    assert outcome.why


def test_the_pause_that_a_busy_server_asks_for(api):
    client = client_of(api)
    for text, seconds in (("7", 7.0), ("999999", 3600.0), ("Wed, 21 Oct 2026 07:28:00 GMT", 0.0), ("-1", 0.0)):
        api.answer = lambda _request, text=text: reply(503, Retry_After=text)
        assert judge(client.send(ONE)).retry_after == seconds
    assert api.connections == 1
    client.close()


@pytest.mark.parametrize(
    ("epoch", "durable", "understood"),
    [
        ("an-epoch", "60", ("an-epoch", 60.0)),
        ("an-epoch", "99999999", ("an-epoch", 86_400.0)),
        ("an-epoch", "-1", ("an-epoch", 0.0)),
        ("an-epoch", "1e3", ("an-epoch", 0.0)),
        ("two words", "60", ("", 60.0)),
        ("x" * 101, "60", ("", 60.0)),
    ],
)
def test_epoch_and_durable_time_are_read(api, epoch, durable, understood):
    """Of what does not fit into the spool, nothing is kept."""
    api.answer = lambda _request: reply(200, {"id": 1}, X_Monitor_Epoch=epoch, X_Monitor_Durable=durable)
    client = client_of(api)
    answer = client.send(ONE)
    assert (answer.epoch, answer.durable) == understood
    client.close()


def test_a_server_without_epochs_has_none(api):
    client = client_of(api)
    answer = client.send(ONE)
    assert (answer.epoch, answer.durable) == ("", 0.0)
    client.close()


def test_a_redirect_is_not_followed(api):
    api.answer = lambda _request: reply(308, Location="https://elsewhere/")
    client = client_of(api)
    outcome = judge(client.send(ONE))
    assert outcome.kind == REFUSED
    assert "https://elsewhere/" in outcome.why
    client.close()


def test_an_endless_answer_is_not_read():
    with serving(Api(answer=lambda _request: (200, {}, b"x" * 2_000_000))) as api:
        client = client_of(api)
        outcome = judge(client.send(ONE))
    assert (outcome.kind, outcome.why) == (LATER, "the answer is too long")


def test_tls_is_verified(monkeypatch):
    with serving(Api(), certificates=CERTIFICATES) as api:
        target = parse_url(f"https://localhost:{api.port}")
        outcome = judge(Client(target, "mk_key").send(ONE))
        assert outcome.kind == LATER
        assert "certificate" in outcome.why.lower()
        monkeypatch.setenv("SSL_CERT_FILE", str(CERTIFICATES / "cert.pem"))
        client = Client(target, "mf_key")
        assert judge(client.send(ONE)).kind == STORED
        wait_for(lambda: api.requests, "the sample")
        assert json.dumps(api.requests[0].body)
        assert api.requests[0].headers["Host"] == f"localhost:{api.port}"
        client.close()


def test_certificates_may_be_in_files_of_their_own(monkeypatch, tmp_path):
    """Files named by hashes, as systems keep them; only the needed one is read."""
    (tmp_path / "4e6dcb8c.0").write_bytes((CERTIFICATES / "cert.pem").read_bytes())
    monkeypatch.delenv("SSL_CERT_FILE", raising=False)
    monkeypatch.setenv("SSL_CERT_DIR", str(tmp_path))
    with serving(Api(), certificates=CERTIFICATES) as api:
        client = Client(parse_url(f"https://localhost:{api.port}"), "mk_key")
        assert judge(client.send(ONE)).kind == STORED
        client.close()
