"""Answers are compressed for clients that accept it, and some never."""

import httpx
import pytest

from tests.integration.http.served import Served
from tests.integration.http.world import World, report

MANY = 40
GZIP = {"Accept-Encoding": "gzip"}


@pytest.fixture
def large(world: World) -> World:
    """World with a list of servers that is worth compressing."""
    for number in range(MANY):
        world.server(f"10.0.0.{number}")
    return world


def _raw(world: World, path: str, accepted: str | None) -> httpx.Response:
    return world.send("GET", path, world.admin, headers={"Accept-Encoding": accepted or ""})


@pytest.mark.parametrize("accepted", ["gzip", "br, gzip;q=0.5", "*", "GZIP;q=1", "gzip, deflate, br, zstd"])
def test_a_large_answer_is_compressed_for_clients_that_accept_it(large: World, accepted: str):
    answer = _raw(large, "/api/servers", accepted)
    plain = _raw(large, "/api/servers", "identity")
    assert ("gzip", "accept-encoding") == (answer.headers["content-encoding"], answer.headers["vary"])
    assert answer.json() == plain.json()
    assert int(answer.headers["content-length"]) < len(plain.content) / 4


@pytest.mark.parametrize("accepted", ["", "identity", "gzip;q=0", "*;q=0", "br", "gzip;q=0, *", "gzip;q=x"])
def test_a_large_answer_is_plain_for_other_clients(large: World, accepted: str):
    """Caches must know that others get it compressed."""
    answer = _raw(large, "/api/servers", accepted)
    assert ("content-encoding" in answer.headers, answer.headers["vary"]) == (False, "accept-encoding")
    assert MANY == len(answer.json()["data"])


def test_an_answer_that_fits_one_packet_is_plain(world: World):
    answer = _raw(world, "/api/auth/me", "gzip")
    assert ("content-encoding" in answer.headers, "vary" in answer.headers) == (False, False)


def test_a_csv_export_is_compressed_too(large: World):
    for number in range(MANY):
        large.server(f"10.0.1.{number}")
    answer = _raw(large, "/api/servers/export", "gzip")
    assert "gzip" == answer.headers["content-encoding"]
    assert answer.text.count("\n") == 2 * MANY + 1


def test_a_stream_is_never_compressed(served: Served):
    with served.client.stream("GET", "/api/live", headers={**served.world.admin.headers, **GZIP}) as answer:
        assert "text/event-stream" in answer.headers["content-type"]
        assert ("content-encoding" in answer.headers, "vary" in answer.headers) == (False, False)


def test_a_server_sends_it_whole(served: Served):
    """With its length, over a kept connection, and without a body where none was asked for."""
    for number in range(MANY):
        served.world.server(f"10.0.1.{number}")
    answer = served.client.get("/api/servers", headers={**served.world.admin.headers, **GZIP})
    assert "gzip" == answer.headers["content-encoding"]
    assert MANY == len(answer.json()["data"])
    head = served.client.head("/schema/openapi.json", headers=GZIP)
    assert (200, b"", "gzip") == (head.status_code, head.content, head.headers["content-encoding"])


def test_answers_of_the_intake_are_plain(served: Served):
    key = served.world.fleet_key()
    samples = [{**report(), "ip_address": f"10.9.9.{n}"} for n in range(100)]
    answer = served.client.post(
        "/api/monitor/data/batch", json={"samples": samples}, headers={"X-API-Key": key, **GZIP}
    )
    assert len(answer.content) > 1400
    assert "content-encoding" not in answer.headers
