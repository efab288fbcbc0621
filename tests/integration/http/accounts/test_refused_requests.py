"""/api/audit shows refused requests, and no client can forge a line of it."""

import pytest

from monitor.application.accounts.limits import Refusals
from monitor.domain.accounts.audit import AuditEntry
from tests.integration.http.accounts.logging_in import log_in
from tests.integration.http.alerts.alarms import data
from tests.integration.http.world import Json, World


def audited(world: World) -> list[Json]:
    world.container.get(Refusals)()
    found: list[Json] = data(world.send("GET", "/api/audit", world.admin))
    return found


def noted(world: World) -> list[tuple[str, str, str, str]]:
    return [(row["username"], row["action"], row["target"], row["detail"]) for row in audited(world)]


@pytest.mark.parametrize(
    ("method", "path", "route"),
    [
        ("GET", "/api/users", "GET /api/users"),
        ("DELETE", "/api/users/1", "DELETE /api/users/{user_id}"),
        ("PUT", "/api/settings", "PUT /api/settings"),
        ("GET", "/api/audit", "GET /api/audit"),
    ],
)
def test_a_forbidden_request_is_noted(world: World, method: str, path: str, route: str) -> None:
    """The entry has the pattern of the route and nothing of the body."""
    ann = world.person("ann")
    for _ in range(3):
        answer = world.send(method, path, ann, json={"secret": "hush"} if method == "PUT" else None)
        assert 403 == answer.status_code
    assert ("ann", "access.refused", route, "forbidden, 3 times") == noted(world)[0]
    assert "hush" not in str(audited(world))


def test_too_many_attempts(world: World) -> None:
    answers = [log_in(world, "ann", "wrong") for _ in range(13)]
    assert 429 == answers[-1].status_code
    rows = noted(world)
    limited = sum(answer.status_code == 429 for answer in answers)
    assert ("", "access.limited", "POST /api/auth/login", f"too_many_attempts, {limited} times") in rows
    assert ("", "session.login_failed", "", f"unknown user, {13 - limited} times") in rows


def test_a_request_without_a_valid_session_is_not_noted(world: World) -> None:
    """Expired sessions are usual."""
    ann = world.person("ann")
    before = len(audited(world))
    assert 401 == world.send("GET", "/api/users", headers={"Authorization": "Bearer nonsense"}).status_code
    assert 401 == world.send("GET", "/api/users").status_code
    assert 404 == world.send("GET", "/api/servers/7", ann).status_code
    assert before == len(audited(world))


def test_invisible_characters_are_escaped(any_world: World) -> None:
    """Unauthenticated clients choose some of these texts; each stays one line when printed."""
    text = "x\r\n2026-01-01 admin logged in \u202e\u2028\x1b"
    entry = AuditEntry(at=any_world.clock.now(), action="x.y", target=text, detail=text, username=text, address=text)
    with any_world.container.uow() as uow:
        uow.audit.add(entry)
        uow.commit()
    shown = r"x\r\n2026-01-01 admin logged in \u202e\u2028\u001b"
    row = audited(any_world)[0]
    assert [shown[:50], shown] == [row["username"][:50], row["target"]]
    assert [shown] * 2 == [row[name] for name in ("detail", "address")]
