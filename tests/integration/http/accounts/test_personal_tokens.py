"""Personal tokens over HTTP: what they may, what they may not, and what ends them."""

import re
import threading
from datetime import timedelta
from typing import Any

import pytest

from monitor.application.accounts.limits import Refusals
from monitor.application.accounts.personal_tokens import TokenUses
from monitor.domain.accounts.actors import FRESH, Role
from monitor.domain.accounts.limits import Quotas
from monitor.domain.accounts.personal_tokens import TokenScope
from tests.integration.http.access_table import ROWS
from tests.integration.http.served import Served
from tests.integration.http.world import ANONYMOUS, PASSWORD, Caller, Json, Person, World, bearer, report

READ, WRITE = TokenScope.READ, TokenScope.WRITE


def create(world: World, person: Person, **body: Any) -> Any:
    return world.send("POST", "/api/tokens", person, json={"name": "backup", "scope": "read"} | body)


def reason(answer: Any) -> tuple[int, str]:
    return answer.status_code, answer.json()["data"]["reason"]


def test_it_is_shown_once(any_world: World) -> None:
    world = any_world
    bob = world.person("bob")
    made = create(world, bob, scope="write", expires_at="2030-02-01 00:00:00").json()["data"]
    text = made.pop("token")
    assert {
        "id": made["id"],
        "name": "backup",
        "prefix": text[:12],
        "scope": "write",
        "created_at": "2030-01-01 12:00:00",
        "expires_at": "2030-02-01 00:00:00",
        "last_used_at": None,
        "last_address": None,
    } == made
    listed = world.send("GET", "/api/tokens", bob)
    assert [made] == listed.json()["data"]
    assert text not in listed.text
    assert 200 == world.send("GET", "/api/servers", bearer(text)).status_code


def test_the_list_has_pages_of_ones_own(world: World) -> None:
    bob = world.person("bob")
    create(world, world.admin)
    for name in ("one", "two", "three"):
        create(world, bob, name=name)
    first = world.send("GET", "/api/tokens", bob, params={"limit": 2})
    assert ["one", "two"] == [token["name"] for token in first.json()["data"]]
    following = {"limit": 2, "cursor": first.headers["X-Next-Cursor"]}
    second = world.send("GET", "/api/tokens", bob, params=following)
    assert ["three"] == [token["name"] for token in second.json()["data"]]
    assert "X-Next-Cursor" not in second.headers


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"name": ""}, "name"),
        ({"name": "x" * 101}, "name"),
        ({"name": "a\u202eb"}, "name"),
        ({"name": 7}, "name"),
        ({"scope": "admin"}, "scope"),
        ({"scope": None}, "scope"),
        ({"expires_at": "2030-01-01 12:00:00"}, "expires_at"),
        ({"expires_at": "2041-01-01 00:00:00"}, "expires_at"),
        ({"expires_at": "tomorrow"}, "expires_at"),
        ({"expires_at": "9999-12-31 23:59:59"}, "expires_at"),
        ({"token": "mon_of_my_own"}, "token"),
        ({"user_id": 1}, "user_id"),
    ],
)
def test_bad_input_is_named_and_stores_nothing(world: World, body: Json, field: str) -> None:
    bob = world.person("bob")
    answer = create(world, bob, **body)
    assert (400, [field]) == (answer.status_code, list(answer.json()["data"]["fields"]))
    assert [] == world.send("GET", "/api/tokens", bob).json()["data"]


def test_one_that_writes_needs_a_fresh_log_in(world: World) -> None:
    bob = world.person("bob")
    world.later(seconds=FRESH.total_seconds() + 1)
    assert (403, "reauthentication_required") == reason(create(world, bob, scope="write"))
    assert 200 == create(world, bob, scope="read").status_code


def test_the_quota_names_its_setting(new_world: Any) -> None:
    world = new_world(quotas=Quotas(tokens=1))
    bob = world.person("bob")
    create(world, bob)
    answer = world.send(
        "POST", "/api/tokens", bob, json={"name": "b", "scope": "read"}, headers={"Accept-Language": "en"}
    )
    assert (403, "quota_reached") == reason(answer)
    assert "MONITOR_MAX_TOKENS" in answer.json()["msg"]
    assert "administrator" not in answer.json()["msg"]


@pytest.mark.parametrize("scope", [READ, WRITE])
def test_it_reaches_neither_users_nor_what_is_theirs_alone(world: World, scope: TokenScope) -> None:
    """Whatever is added under these paths is closed to tokens too."""
    token = world.token(world.admin, scope)
    for row in ROWS:
        method, path = row.operation.split()
        if path.startswith(("/api/auth", "/api/users", "/api/tokens")) and row.statuses["anonymous"] == 401:
            answer = world.send(method, re.sub("{.*?}", "1", path), token)
            is_open = row.operation in ("GET /api/auth/me", "POST /api/auth/refresh")  # the latter by cookie alone
            assert is_open or (403, "not_for_tokens") == reason(answer), row.operation
    assert "admin" == world.send("GET", "/api/auth/me", token).json()["data"]["username"]


def test_it_never_reads_a_cookie_of_a_session(world: World) -> None:
    token = world.token(world.admin)
    assert 401 == world.send("POST", "/api/auth/refresh", token).status_code


READS = ["/api/servers", "/api/servers/{id}", "/api/monitor/stats", "/api/alerts", "/api/audit", "/api/auth/me"]
CHANGES = [
    ("POST", "/api/servers", {"server_name": "new", "ip_address": "192.0.2.99"}),
    ("PUT", "/api/servers/{id}/tags", {"tags": ["web"]}),
    ("DELETE", "/api/servers/{id}", None),
    ("POST", "/api/silences", {"scope": {}, "ends_at": "2030-01-02 00:00:00"}),
    ("POST", "/api/alerts/ack", {"alert_ids": [1]}),
    ("PUT", "/api/settings", {"digest_wait": 20}),
    ("POST", "/api/live/ticket", None),
    ("POST", "/api/alert-policies/backtest", {"policy": {"metric": "cpu", "warning": 80}, "days": 1}),
]


@pytest.mark.parametrize(("method", "path", "body"), CHANGES, ids=lambda part: str(part)[:30])
def test_one_that_reads_changes_nothing(world: World, method: str, path: str, body: Json | None) -> None:
    path = path.format(id=world.server("192.0.2.1"))
    refused = world.send(method, path, world.token(world.admin, READ), json=body)
    assert (403, "read_only_token") == reason(refused)
    assert reason(world.send(method, path, world.token(world.admin, READ))) == reason(refused), "the body is not read"
    expected = 404 if path.endswith("/ack") else 200
    assert expected == world.send(method, path, world.token(world.admin, WRITE), json=body).status_code


@pytest.mark.parametrize("path", READS)
def test_both_read(world: World, path: str) -> None:
    path = path.format(id=world.server("192.0.2.1"))
    for scope in (READ, WRITE):
        assert 200 == world.send("GET", path, world.token(world.admin, scope)).status_code


def test_it_sees_what_its_owner_sees(world: World) -> None:
    bob = world.person("bob")
    own, hidden = world.server("192.0.2.1", bob), world.server("192.0.2.2")
    token = world.token(bob)
    assert [own] == [server["id"] for server in world.send("GET", "/api/servers", token).json()["data"]]
    assert 404 == world.send("GET", f"/api/servers/{hidden}", token).status_code
    assert 403 == world.send("GET", "/api/audit", token).status_code


def test_refusals_are_in_the_audit_log(world: World) -> None:
    world.send("DELETE", "/api/servers/7", world.token(world.admin, READ))
    world.send("GET", "/api/users", world.token(world.admin, READ))
    world.container.get(Refusals)(all_of_them=True)
    rows = world.send("GET", "/api/audit", world.admin).json()["data"]
    refused = {(row["target"], row["detail"]) for row in rows if row["action"] == "access.refused"}
    assert {("DELETE /api/servers/{server_id}", "read_only_token"), ("GET /api/users", "not_for_tokens")} == refused


def test_what_its_owner_creates_with_it_is_the_owners(world: World) -> None:
    bob = world.person("bob")
    body = {"server_name": "new", "ip_address": "192.0.2.99"}
    made = world.send("POST", "/api/servers", world.token(bob), json=body).json()["data"]
    assert [bob.id] == [user["id"] for user in made["users"]]


@pytest.mark.parametrize(
    "text", ["mon_", "mon_x", "mon_" + "x" * 43, "mon_" + "x" * 4000, "mon_" + "x" * 42 + "\xe9", "mon_%00' OR 1=1 --"]
)
def test_a_wrong_one_is_not_logged_in_and_writes_nothing(world: World, text: str) -> None:
    world.token(world.admin)
    before = world.send("GET", "/api/audit", world.admin).json()["data"]
    answer = world.send("GET", "/api/servers", bearer(text))
    assert (401, "unauthenticated") == reason(answer)
    assert "Bearer" == answer.headers["www-authenticate"]
    world.container.get(Refusals)(all_of_them=True)
    world.container.get(TokenUses)(all_of_them=True)
    assert before == world.send("GET", "/api/audit", world.admin).json()["data"]


def works(world: World, token: Caller) -> bool:
    return 200 == world.send("GET", "/api/servers", token).status_code


def test_it_expires(any_world: World) -> None:
    world = any_world
    token = world.token(world.admin, expires_at=world.clock.now() + timedelta(days=30))
    world.later(days=29)
    assert works(world, token)
    world.later(days=1)
    answer = world.send("GET", "/api/servers", token)
    assert (401, True) == (answer.status_code, "expired" in answer.headers["www-authenticate"])


def test_it_ends_when_it_is_revoked(any_world: World) -> None:
    world = any_world
    made = create(world, world.admin).json()["data"]
    token, path = bearer(made["token"]), f"/api/tokens/{made['id']}"
    assert works(world, token)
    assert 404 == world.send("DELETE", path, world.person("bob", Role.ADMIN)).status_code
    assert 200 == world.send("DELETE", path, world.admin).status_code
    assert not works(world, token)
    assert 404 == world.send("DELETE", path, world.admin).status_code


def test_it_ends_with_its_owner_and_has_the_owners_present_role(any_world: World) -> None:
    world = any_world
    bob = world.person("bob", Role.ADMIN)
    token = world.token(bob)
    assert 200 == world.send("GET", "/api/audit", token).status_code
    world.send("PUT", f"/api/users/{bob.id}", world.admin, json={"role": "user"})
    assert 403 == world.send("GET", "/api/audit", token).status_code
    world.send("DELETE", f"/api/users/{bob.id}", world.admin)
    assert 401 == world.send("GET", "/api/audit", token).status_code


def test_it_waits_for_a_password_that_must_be_changed(world: World) -> None:
    bob = world.person("bob")
    token = world.token(bob)
    body = {"username": "bob", "password": "a brand new one"}
    world.send("PUT", "/api/users/reset-password", world.admin, json=body)
    assert (403, "password_change_required") == reason(world.send("GET", "/api/servers", token))
    assert 403 == world.send("GET", "/api/live", token).status_code
    assert world.send("GET", "/api/auth/me", token).json()["data"]["must_change_password"]
    new = {"old_password": "a brand new one", "new_password": PASSWORD}
    assert (403, "not_for_tokens") == reason(world.send("POST", "/api/auth/change-password", token, json=new))


def test_its_last_use_is_shown(any_world: World) -> None:
    world = any_world
    made = create(world, world.admin).json()["data"]
    world.later(minutes=1)
    world.send("GET", "/api/servers", bearer(made["token"]), address="2001:db8::7")
    world.container.get(TokenUses)()
    [shown] = world.send("GET", "/api/tokens", world.admin).json()["data"]
    assert ("2030-01-01 12:01:00", "2001:db8::7") == (shown["last_used_at"], shown["last_address"])


def stream_of(served: Served, token: Caller, how: str) -> dict[str, Any]:
    if how == "header":
        return {"caller": token}
    ticket = served.send("POST", "/api/live/ticket", token).json()["data"]["ticket"]
    return {"caller": ANONYMOUS, "ticket": ticket}


@pytest.mark.parametrize("how", ["header", "ticket"])
def test_it_opens_a_stream_that_lives_as_long_as_it(served: Served, how: str) -> None:
    world = served.world
    server_id = world.server("192.0.2.1")
    key = world.server_key(server_id)
    with served.stream(**stream_of(served, world.token(world.admin), how)) as events:
        events.until("servers", lambda data: data == [server_id])
        world.later(days=3)
        served.send("POST", "/api/monitor/data", Caller(headers={"X-API-Key": key}), json=report(cpu=12.5))
        events.until("samples", lambda rows: rows[0]["cpu_value"] == 12.5)


def test_one_that_reads_opens_a_stream_by_its_header(served: Served) -> None:
    with served.stream(served.world.token(served.world.admin, READ)) as events:
        events.until("servers")


@pytest.mark.parametrize("how", ["revoked", "expired", "owner deleted", "another role"])
def test_its_streams_end_with_it(served: Served, how: str) -> None:
    world = served.world
    bob = world.person("bob", Role.ADMIN)
    token = world.token(bob, expires_at=world.clock.now() + timedelta(days=1))
    [row] = served.send("GET", "/api/tokens", bob).json()["data"]
    with served.stream(token) as events:
        events.until("servers")
        match how:
            case "revoked":
                served.send("DELETE", f"/api/tokens/{row['id']}", bob)
            case "expired":
                world.later(days=1)
            case "owner deleted":
                served.send("DELETE", f"/api/users/{bob.id}", world.admin)
            case "another role":
                served.send("PUT", f"/api/users/{bob.id}", world.admin, json={"role": "user"})
        assert ("end", []) == events.rest()[-1]


def test_many_requests_at_once_are_all_answered(served: Served) -> None:
    """Uses are noted from many threads."""
    token = served.world.token(served.world.admin)
    answers: list[int] = []

    def ask() -> None:
        answers.extend(served.send("GET", "/api/servers", token).status_code for _ in range(20))

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [200] * 160 == answers
