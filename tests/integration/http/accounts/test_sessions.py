"""Logging in and out, and what ends a session."""

import re
from typing import Any

import pytest

from tests.integration.http.accounts.logging_in import LOGIN, REFRESH, bearer, cookie, is_good, log_in, refresh
from tests.integration.http.conftest import NewWorld
from tests.integration.http.world import PASSWORD, Caller, Person, World


def test_a_wrong_name_and_a_wrong_password_get_the_same_answer(world: World) -> None:
    wrong_password, wrong_name = log_in(world, password="wrong"), log_in(world, "nobody")
    assert (401, wrong_password.content) == (wrong_name.status_code, wrong_name.content)
    assert "invalid_credentials" == wrong_name.json()["data"]["reason"]


def test_a_name_is_known_in_any_case(world: World) -> None:
    assert 200 == log_in(world, "ADMIN").status_code


def test_the_refresh_cookie_is_out_of_reach_of_scripts_and_other_sites(world: World) -> None:
    held = cookie(log_in(world))
    assert (True, "strict", "/api/auth", str(14 * 86400)) == (
        held["httponly"],
        held["samesite"].lower(),
        held["path"],
        held["max-age"],
    )
    assert "" == held["domain"]
    assert "token" not in held.value
    assert not held["secure"]


def test_a_refresh_token_changes_at_every_use(world: World) -> None:
    first = cookie(log_in(world)).value
    renewed = refresh(world, first)
    assert 200 == renewed.status_code
    assert cookie(renewed).value != first
    assert is_good(world, bearer(renewed))


def test_two_tabs_may_renew_at_the_same_moment(world: World) -> None:
    """Both get the same cookie."""
    first = cookie(log_in(world)).value
    newest = cookie(refresh(world, first)).value
    again = refresh(world, first)
    assert (200, newest) == (again.status_code, cookie(again).value)
    assert 200 == refresh(world, newest).status_code


def test_a_refresh_token_used_again_later_ends_the_session(world: World) -> None:
    """Only after a theft is it used again."""
    logged_in = log_in(world)
    first = cookie(logged_in).value
    newest = cookie(refresh(world, first)).value
    world.later(seconds=60)
    assert 401 == refresh(world, first).status_code
    assert 401 == refresh(world, newest).status_code
    assert not is_good(world, bearer(logged_in))


def test_a_thief_who_renewed_twice_is_detected_by_the_owners_cookie(any_world: World) -> None:
    world = any_world
    owners = cookie(log_in(world)).value
    thiefs = renewed = refresh(world, owners)
    for _ in range(2):
        thiefs, renewed = renewed, refresh(world, cookie(renewed).value)
    world.later(seconds=1)
    found_out = refresh(world, owners)
    assert (401, True) == (found_out.status_code, "stolen" in found_out.headers["www-authenticate"])
    assert 401 == refresh(world, cookie(renewed).value).status_code
    assert not is_good(world, bearer(renewed))
    assert "stolen" in world.send("GET", "/api/auth/me", bearer(thiefs)).headers["www-authenticate"]


def test_a_session_lasts_for_90_days_however_much_it_is_used(world: World) -> None:
    token = cookie(log_in(world)).value
    for _ in range(9):
        world.later(days=9, hours=23)
        token = cookie(refresh(world, token)).value
    world.later(hours=8)
    token = cookie(refresh(world, token)).value
    world.later(hours=1)
    assert 401 == refresh(world, token).status_code


@pytest.mark.parametrize("token", ["", "nonsense", "x" * 5000, "%00"])
def test_invalid_refresh_tokens_are_refused(calm_world: World, token: str) -> None:
    assert 401 == refresh(calm_world, token).status_code


def test_a_session_lasts_for_14_unused_days(world: World) -> None:
    token = cookie(log_in(world)).value
    world.later(days=13, hours=23)
    token = cookie(refresh(world, token)).value
    world.later(days=14, seconds=1)
    assert 401 == refresh(world, token).status_code


def test_an_access_token_lasts_for_15_minutes(world: World) -> None:
    world.later(minutes=14, seconds=59)
    assert is_good(world, world.admin)
    world.later(seconds=1)
    assert not is_good(world, world.admin)


def test_logging_out_ends_all_tokens_and_deletes_the_cookie(any_world: World) -> None:
    world = any_world
    here, there = log_in(world), log_in(world)
    out = world.send("POST", "/api/auth/logout", bearer(here))
    gone = cookie(out)
    assert (200, "", "0", "/api/auth") == (out.status_code, gone.value, gone["max-age"], gone["path"])
    for answer in (here, there):
        assert not is_good(world, bearer(answer))
        assert 401 == refresh(world, cookie(answer).value).status_code


def test_a_401_says_what_ended_the_session(any_world: World) -> None:
    world = any_world
    ann, bob, carol = (world.person(name) for name in ("ann", "bob", "carol"))
    world.later(minutes=2)
    body = {"username": "ann", "password": "another password"}
    world.send("PUT", "/api/users/reset-password", world.admin, json=body)
    world.send("POST", "/api/auth/logout", bob)
    assert ("password", "elsewhere") == (_ended(world, ann), _ended(world, bob))
    world.later(minutes=14)
    assert (None, "password") == (_ended(world, carol), _ended(world, ann))
    world.later(days=14)
    assert "expired" == _ended(world, carol)


def _ended(world: World, person: Person) -> str | None:
    answer = world.send("GET", "/api/auth/me", person)
    assert (401, "unauthenticated") == (answer.status_code, answer.json()["data"]["reason"])
    found = re.fullmatch('Bearer error="invalid_token", error_description="(.+)"', answer.headers["www-authenticate"])
    return found and found[1]


@pytest.mark.parametrize(
    "header",
    [
        "",
        "Bearer",
        "Bearer ",
        "Bearer x",
        "Bearer a.b.c",
        "Basic YWRtaW46YWRtaW4=",
        "Bearer eyJhbGciOiJub25lIn0.eyJzdWIiOiIxIn0.",
        "Bearer " + "x" * 100_000,
        "Bearer \xff\xfe",
    ],
    ids=range(9),
)
def test_invalid_tokens_get_a_401(calm_world: World, header: str) -> None:
    answer = calm_world.send("GET", "/api/users", headers={"Authorization": header})
    assert (401, "unauthenticated", "Bearer") == (
        answer.status_code,
        answer.json()["data"]["reason"],
        answer.headers["www-authenticate"],
    )


def test_the_scheme_is_read_in_any_case(calm_world: World) -> None:
    assert is_good(calm_world, Caller(headers={"Authorization": f"bearer  {calm_world.admin.token}"}))


def test_a_token_ends_with_the_account(any_world: World) -> None:
    bob = any_world.person("bob")
    any_world.send("DELETE", f"/api/users/{bob.id}", any_world.admin)
    assert not is_good(any_world, bob)
    assert 401 == refresh(any_world, bob.refresh_token).status_code


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("PUT", "/api/users/2", {"role": "admin"}),
        ("PUT", "/api/users/reset-password", {"username": "bob", "password": "set by an admin"}),
    ],
)
def test_a_token_ends_with_the_role_or_the_password(world: World, method: str, path: str, body: dict[str, str]) -> None:
    bob = world.person("bob")
    assert 200 == world.send(method, path, world.admin, json=body).status_code
    assert not is_good(world, bob)
    assert 401 == refresh(world, bob.refresh_token).status_code


def test_changing_the_password_ends_all_sessions_but_the_one_that_it_opens(world: World) -> None:
    bob, elsewhere = world.person("bob"), world.log_in("bob")
    body = {"old_password": PASSWORD, "new_password": "a brand new one"}
    changed = world.send("POST", "/api/auth/change-password", bob, json=body)
    assert 200 == changed.status_code
    assert [False, False, True] == [is_good(world, caller) for caller in (bob, elsewhere, bearer(changed))]
    assert 200 == refresh(world, cookie(changed).value).status_code
    assert [401, 200] == [log_in(world, "bob", password).status_code for password in (PASSWORD, "a brand new one")]


@pytest.mark.parametrize(
    ("old", "new", "field"),
    [
        ("wrong", "a brand new one", "old_password"),
        (PASSWORD, "short", "new_password"),
        (PASSWORD, PASSWORD, "new_password"),
    ],
)
def test_a_refused_password_change_is_a_400(world: World, old: str, new: str, field: str) -> None:
    """It is not a 401, since a client would think that its session has ended."""
    bob = world.person("bob")
    answer = world.send("POST", "/api/auth/change-password", bob, json={"old_password": old, "new_password": new})
    assert (400, [field]) == (answer.status_code, list(answer.json()["data"]["fields"]))
    assert is_good(world, bob)


def test_users_see_and_end_only_their_own_sessions(world: World) -> None:
    bob, phone = world.person("bob"), world.log_in("bob")

    def sessions(caller: Caller) -> list[dict[str, Any]]:
        listed: list[dict[str, Any]] = world.send("GET", "/api/auth/sessions", caller).json()["data"]
        return listed

    held = {session["current"]: session["id"] for session in sessions(bob)}
    assert {True, False} == set(held)
    assert 404 == world.send("DELETE", f"/api/auth/sessions/{held[False]}", world.admin).status_code
    assert 200 == world.send("DELETE", f"/api/auth/sessions/{held[False]}", bob).status_code
    assert [True, False] == [is_good(world, caller) for caller in (bob, phone)]
    assert [True] == [session["current"] for session in sessions(bob)]


@pytest.mark.parametrize("whose", ["own", "another's"])
def test_all_sessions_end_at_once_but_the_one_that_asks(any_world: World, whose: str) -> None:
    world = any_world
    bob, phone, desk = world.person("bob"), world.log_in("bob"), world.log_in("bob")
    world.later(minutes=1)
    by, path = (bob, "/api/auth/sessions") if whose == "own" else (world.admin, f"/api/users/{bob.id}/sessions")
    assert 200 == world.send("DELETE", path, by).status_code
    assert [whose == "own", False, False] == [is_good(world, caller) for caller in (bob, phone, desk)]
    assert [401, 401] == [refresh(world, person.refresh_token).status_code for person in (phone, desk)]
    assert is_good(world, world.admin)
    assert "elsewhere" == _ended(world, phone)
    entry = world.send("GET", "/api/audit", world.admin).json()["data"][0]
    action, count = ("session.end_others", 2) if whose == "own" else ("session.end_all", 3)
    assert (action, "bob", f"{count} sessions", by.name) == tuple(
        entry[name] for name in ("action", "target", "detail", "username")
    )


def test_administrators_who_end_their_own_sessions_keep_this_one(world: World) -> None:
    elsewhere = world.log_in("admin")
    assert 200 == world.send("DELETE", f"/api/users/{world.admin.id}/sessions", world.admin).status_code
    assert [True, False] == [is_good(world, caller) for caller in (world.admin, elsewhere)]


def test_the_sessions_of_nobody_are_not_found(world: World) -> None:
    assert 404 == world.send("DELETE", "/api/users/2000000/sessions", world.admin).status_code


def test_a_session_says_how_and_when_its_user_proved_who_they_are(world: World) -> None:
    [session] = world.send("GET", "/api/auth/sessions", world.admin).json()["data"]
    assert ("password", "2030-01-01 12:00:00") == (session["sign_in"], session["authenticated_at"])


def test_users_read_and_change_their_own_profile(world: World) -> None:
    bob = world.person("bob")
    changed = world.send("PUT", "/api/auth/me", bob, json={"email": " bob@example.com ", "locale": "en"})
    assert ("bob@example.com", "en") == (changed.json()["data"]["email"], changed.json()["data"]["locale"])
    world.send("PUT", "/api/auth/me", bob, json={"email": None})
    me = world.send("GET", "/api/auth/me", bob).json()["data"]
    assert {"id": bob.id, "username": "bob", "role": "user", "email": None, "locale": "en"}.items() <= me.items()
    for body in ({"email": "nonsense"}, {"locale": "fr"}, {"role": "admin"}, {"email": "a@b\nBcc: c@d"}):
        assert 400 == world.send("PUT", "/api/auth/me", bob, json=body).status_code, body


@pytest.fixture
def default_password(request: pytest.FixtureRequest, new_world: NewWorld) -> tuple[World, Person]:
    """A first start with the documented password, like `monitor up` and like `monitor serve`."""
    world = new_world(admin_password="admin123", allows_default_password=request.param)
    return world, world.log_in("admin", "admin123")


@pytest.mark.parametrize("default_password", [False], indirect=True)
def test_the_default_password_only_lets_itself_be_changed(default_password: tuple[World, Person]) -> None:
    world, admin = default_password
    refused = world.send("GET", "/api/servers", admin)
    assert (403, "password_change_required") == (refused.status_code, refused.json()["data"]["reason"])
    open_ = {("POST", f"/api/auth/{name}") for name in ("logout", "change-password", "reauthenticate")}
    open_.add(("GET", "/api/auth/me"))
    anonymous = {("POST", LOGIN), ("POST", REFRESH), ("POST", "/api/monitor/data"), ("POST", "/api/monitor/data/batch")}
    anonymous |= {("POST", f"/api/auth/passkeys/login{rest}") for rest in ("", "/options")}
    anonymous |= {("GET", f"/api/auth/{path}") for path in ("methods", "oidc/login", "oidc/callback")}
    anonymous |= {("POST", "/api/auth/login-link"), ("POST", "/api/prometheus/write"), ("GET", "/api/rotas/{rota_id}")}
    for path, item in world.send("GET", "/schema/openapi.json").json()["paths"].items():
        for method in {name.upper() for name in item} & {"GET", "POST", "PUT", "DELETE"}:
            if path.startswith("/api") and (method, path) not in open_ | anonymous:
                answer = world.send(method, re.sub(r"\{\w+\}", "1", path), admin)
                assert (403, "password_change_required") == (answer.status_code, answer.json()["data"]["reason"]), path

    me = world.send("GET", "/api/auth/me", admin).json()["data"]
    assert (True, True) == (me["must_change_password"], me["has_default_password"])
    body = {"old_password": "admin123", "new_password": "a brand new one"}
    changed = world.send("POST", "/api/auth/change-password", admin, json=body)
    assert changed.json()["data"]["user"]["must_change_password"] is False
    assert 200 == world.send("GET", "/api/servers", bearer(changed)).status_code


@pytest.mark.parametrize("default_password", [False], indirect=True)
def test_logging_out_works_with_the_default_password(default_password: tuple[World, Person]) -> None:
    world, admin = default_password
    assert 200 == world.send("POST", "/api/auth/logout", admin).status_code
    assert not is_good(world, admin)


@pytest.mark.parametrize("default_password", [True], indirect=True)
def test_on_loopback_the_default_password_is_allowed_and_marked(
    default_password: tuple[World, Person],
) -> None:
    world, admin = default_password
    assert 200 == world.send("GET", "/api/servers", admin).status_code
    me = world.send("GET", "/api/auth/me", admin).json()["data"]
    assert (True, False) == (me["has_default_password"], me["must_change_password"])
