"""A refusal for a reached limit says which limit, and who can raise it."""

from collections.abc import Iterator

import pytest

from monitor.adapters.http.live.stream import Scope
from monitor.application.accounts.authentication import Authenticate
from monitor.domain.accounts.limits import Quotas
from tests.integration.http.live.test_live import ticket
from tests.integration.http.served import Served, wait_until
from tests.integration.http.world import World

QUOTAS = Quotas(silences=1, streams=2)
LATER = "2030-01-01 13:00:00"


@pytest.fixture
def served() -> Iterator[Served]:
    server = Served(World(is_started=False, quotas=QUOTAS))
    yield server
    server.stop()


def test_the_answer_names_the_limit_in_both_languages(new_world) -> None:
    world = new_world(quotas=QUOTAS)
    bob = world.person("bob")
    body = {"scope": {"server_id": world.server("192.0.2.1", bob)}, "ends_at": LATER}
    assert 200 == world.send("POST", "/api/silences", bob, json=body).status_code
    said = []
    for language in ("zh-CN", "en"):
        answer = world.send("POST", "/api/silences", bob, json=body, headers={"Accept-Language": language})
        assert 403 == answer.status_code
        assert {"reason": "quota_reached", "what": "silences", "limit": 1} == answer.json()["data"]
        said.append(answer.json()["msg"])
    assert said == [
        "静默已达每个用户的上限（1）。请删除不再需要的，或联系管理员创建，或请运维人员调高 MONITOR_MAX_SILENCES",
        "You have reached the limit of 1 silences for each user. Delete some that are no longer needed, "
        "ask an administrator to create more, or ask the operator of the server to raise MONITOR_MAX_SILENCES",
    ]
    assert 200 == world.send("POST", "/api/silences", world.admin, json=body).status_code


def test_each_user_has_a_limit_of_streams(served: Served) -> None:
    bob = served.world.person("bob")
    with served.stream(bob) as first, served.stream(bob), served.stream(served.world.admin):
        first.until("servers")
        for answer in (
            served.send("GET", "/api/live", bob),
            served.send("GET", f"/api/live?ticket={ticket(served, bob)}", bob),
        ):
            assert (429, "10") == (answer.status_code, answer.headers["retry-after"])
            assert {"reason": "too_many_at_once", "what": "streams", "limit": 2} == answer.json()["data"]
    wait_until(lambda: served.hub.stream_count == 0)
    with served.stream(bob) as events:
        events.until("servers")


def test_an_unread_stream_counts_for_a_while_only(served: Served) -> None:
    """Of many simultaneous ones, each is counted before the first is read."""
    world = served.world
    bob = world.person("bob")
    caller = world.container.get(Authenticate)(bob.token, "192.0.2.1")
    for _ in range(2):
        served.hub.events(caller, Scope())
    assert 429 == served.send("GET", "/api/live", bob).status_code
    wait_until(lambda: served.hub.stream_count == 0)
    with served.stream(bob) as events:
        events.until("servers")
