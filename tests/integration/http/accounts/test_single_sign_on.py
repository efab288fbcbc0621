"""The way through the issuer: redirects, cookies, and what each refusal looks like."""

from dataclasses import replace
from typing import Any
from urllib.parse import quote

import httpx
import pytest

from monitor.application.accounts.login_links import IssueLoginLink
from monitor.application.operations.ports import Store
from monitor.domain.accounts.actors import Role
from monitor.domain.accounts.errors import IssuerUnavailable, SignOnFailed
from monitor.domain.accounts.identities import SignOnRules
from tests.integration.http.accounts.logging_in import bearer, cookie, is_good, log_in, refresh
from tests.integration.http.conftest import NewWorld
from tests.integration.http.world import PASSWORD, Caller, World

BEGIN, BACK, JOIN = "/api/auth/oidc/login", "/api/auth/oidc/callback", "/api/auth/oidc/join"
SSO, ARRIVED = "monitor_sso", "monitor_arrived"


def begin(world: World, asked: str = "", **more: Any) -> tuple[str, str]:
    """Return the state and the browser's secret."""
    answer = world.send("GET", BEGIN + asked, **more)
    assert answer.status_code == 302, answer.text
    return answer.headers["location"].partition("state=")[2], cookie(answer, SSO).value


def come_back(world: World, state: str, held: str, **more: Any) -> httpx.Response:
    headers = {"Cookie": f"{SSO}={held}"} if held else {}
    return world.send("GET", f"{BACK}?code=c&state={state}", headers=headers, **more)


def sign_on(world: World, asked: str = "") -> httpx.Response:
    return come_back(world, *begin(world, asked))


def entered(world: World, answer: httpx.Response) -> Caller:
    return bearer(refresh(world, cookie(answer).value))


def test_one_comes_back_logged_in_to_the_page_that_was_asked_for(new_world: NewWorld, any_store: Store):
    world = new_world(any_store)
    answer = sign_on(world, f"?next={quote('/servers?tag=a b')}")
    assert (302, "/servers?tag=a%20b") == (answer.status_code, answer.headers["location"])
    profile = world.send("GET", "/api/auth/me", entered(world, answer)).json()["data"]
    assert ("sam", "user", False) == (profile["username"], profile["role"], profile["has_password"])
    again = world.send("GET", "/api/auth/me", entered(world, sign_on(world))).json()["data"]
    assert profile["id"] == again["id"]


@pytest.mark.parametrize("site", ["same-origin", "same-site", "none"])
def test_another_site_cannot_log_anybody_in(world: World, site: str):
    """Its link leads to the log-in page, where a person chooses."""
    answer = world.send("GET", f"{BEGIN}?next=/servers", headers={"Sec-Fetch-Site": "cross-site"})
    assert (302, "/login?next=%2Fservers") == (answer.status_code, answer.headers["location"])
    assert "set-cookie" not in answer.headers
    assert "state=" in world.send("GET", BEGIN, headers={"Sec-Fetch-Site": site}).headers["location"]


def test_the_browsers_secret_comes_along_from_the_issuers_site_and_no_script_sees_it(world: World):
    held = cookie(world.send("GET", BEGIN), SSO)
    assert ("Lax", True, "/api/auth/oidc", "600") == (
        held["samesite"].capitalize(),
        held["httponly"],
        held["path"],
        held["max-age"],
    )


def test_the_refresh_cookie_is_as_strict_as_ever_and_scripts_see_that_there_is_one(world: World):
    answer = sign_on(world)
    assert ("strict", True) == (cookie(answer)["samesite"].lower(), cookie(answer)["httponly"])
    arrived = cookie(answer, ARRIVED)
    assert ("1", "", "60", "/") == (arrived.value, arrived["httponly"], arrived["max-age"], arrived["path"])


def test_over_tls_the_cookies_are_of_this_host_alone(new_world: NewWorld):
    world = new_world(base_url="https://monitor.test")
    answer = world.send("GET", BEGIN)
    held = cookie(answer, f"__Host-{SSO}")
    assert (True, "/") == (held["secure"], held["path"])
    state = answer.headers["location"].partition("state=")[2]
    refused = come_back(world, state, held.value)  # without the prefix
    assert refused.headers["location"] == "/login?error=expired"


def test_two_tabs_may_begin(world: World):
    first, held = begin(world)
    second, same = begin(world, headers={"Cookie": f"{SSO}={held}"})
    assert held == same
    assert ["/", "/"] == [come_back(world, state, held).headers["location"] for state in (first, second)]


@pytest.mark.parametrize("planted", ["short", "x" * 200, "a b" * 20, "é" * 40])
def test_only_what_looks_like_a_secret_is_kept(world: World, planted: str):
    _, held = begin(world, headers={"Cookie": f"{SSO}={planted}"})
    assert held != planted


@pytest.mark.parametrize("held", ["", "x" * 43])
def test_what_comes_back_in_another_browser_is_refused(world: World, held: str):
    state, _ = begin(world)
    answer = come_back(world, state, held)
    assert "/login?error=expired" == answer.headers["location"]
    assert "set-cookie" not in answer.headers


def test_a_state_is_good_once(world: World):
    state, held = begin(world)
    come_back(world, state, held)
    assert "/login?error=expired" == come_back(world, state, held).headers["location"]


@pytest.mark.parametrize(
    "query", ["", "?state=", "?state=x&state=x", "?code=c", "?state=%FF%00", "?error=access_denied"]
)
def test_nonsense_is_refused(world: World, query: str):
    _, held = begin(world)
    answer = world.send("GET", BACK + query, headers={"Cookie": f"{SSO}={held}"})
    assert (302, "/login?error=expired") == (answer.status_code, answer.headers["location"])


def test_a_parameter_may_not_come_twice(world: World):
    state, held = begin(world)
    answer = world.send("GET", f"{BACK}?state={state}&code=c&code=d", headers={"Cookie": f"{SSO}={held}"})
    assert "/login?error=expired" == answer.headers["location"]


@pytest.mark.parametrize(
    ("refusal", "slug"),
    [
        (SignOnFailed("denied"), "denied"),
        (SignOnFailed(), "failed"),
        (IssuerUnavailable("down"), "unavailable"),
    ],
)
def test_a_refusal_leads_to_the_log_in_page(world: World, refusal: Any, slug: str):
    state, held = begin(world)
    world.provider.refusal = refusal
    answer = come_back(world, state, held)
    assert (302, f"/login?error={slug}") == (answer.status_code, answer.headers["location"])
    assert "set-cookie" not in answer.headers


def test_who_may_not_have_an_account_is_led_to_the_log_in_page(new_world: NewWorld):
    world = new_world(sign_on_rules=SignOnRules(creates_users=False))
    assert "/login?error=not_allowed" == sign_on(world).headers["location"]


def test_a_hundred_may_begin_in_a_while(world: World):
    for _ in range(100):
        begin(world)
    answer = world.send("GET", BEGIN)
    assert answer.status_code == 429
    assert int(answer.headers["retry-after"]) > 0


@pytest.mark.parametrize(
    "asked",
    [
        "//evil.example",
        "/%5Cevil.example",
        "https://evil.example",
        "/%09/evil.example",
        "%20//evil.example",
        "/%0D%0Aa: b",
    ],
)
def test_nobody_is_led_elsewhere(world: World, asked: str):
    answer = sign_on(world, f"?next={asked}")
    assert (302, "/") == (answer.status_code, answer.headers["location"])


def test_ways_to_log_in(world: World):
    assert {"password": True, "oidc": {"name": "Example"}, "passkeys": False} == methods(world)
    world.provider.issuer = ""
    assert methods(world)["oidc"] is None
    assert world.send("GET", BEGIN).status_code == 404
    world.container.shared.settings.override(replace(world.container.settings, takes_passwords=False))
    assert [False, False] == [methods(world)[way] for way in ("password", "passkeys")]


def methods(world: World) -> Any:
    return world.send("GET", "/api/auth/methods").json()["data"]


def test_logging_out_leads_to_the_issuer(world: World):
    caller = entered(world, sign_on(world))
    answer = world.send("POST", "/api/auth/logout", caller).json()["data"]
    assert {"location": "https://id.example.com/logout?id_token_hint=an ID token"} == answer
    assert world.send("POST", "/api/auth/logout", world.person("bob")).json()["data"] is None


def test_joining_and_parting(new_world: NewWorld, any_store: Store):
    world = new_world(any_store)
    bob = bearer(log_in(world, world.person("bob").name))
    assert world.send("GET", JOIN, bob).json()["data"] is None
    answer = world.send("POST", JOIN, bob, json={"next": "/profile?tab=safety"})
    state = answer.json()["data"]["location"].partition("state=")[2]
    back = come_back(world, state, cookie(answer, SSO).value)
    assert "/profile?tab=safety" == back.headers["location"]
    assert "set-cookie" not in back.headers
    joined = world.send("GET", JOIN, bob).json()["data"]
    assert ("sam", None) == (joined["username"], joined["email"])
    assert "bob" == world.send("GET", "/api/auth/me", entered(world, sign_on(world))).json()["data"]["username"]
    assert world.send("POST", JOIN, bob).json()["data"]["reason"] == "identity_taken"
    assert world.send("DELETE", JOIN, bob).status_code == 200
    assert world.send("GET", JOIN, bob).json()["data"] is None
    assert world.send("DELETE", JOIN, bob).status_code == 404
    assert "sam" == world.send("GET", "/api/auth/me", entered(world, sign_on(world))).json()["data"]["username"]


def test_an_identity_of_somebody_else_is_not_joined(world: World):
    sign_on(world)
    answer = world.send("POST", JOIN, bearer(log_in(world, world.person("bob").name)))
    state = answer.json()["data"]["location"].partition("state=")[2]
    assert "/login?error=taken" == come_back(world, state, cookie(answer, SSO).value).headers["location"]


def test_joining_and_parting_need_a_fresh_log_in(world: World):
    bob = bearer(log_in(world, world.person("bob").name))
    world.later(minutes=11)
    for method in ("POST", "DELETE"):
        answer = world.send(method, JOIN, bob)
        assert (403, "reauthentication_required") == (answer.status_code, answer.json()["data"]["reason"])


def test_the_last_way_in_stays(world: World):
    answer = world.send("DELETE", JOIN, entered(world, sign_on(world)))
    assert (409, "last_way_in") == (answer.status_code, answer.json()["data"]["reason"])


@pytest.mark.parametrize("body", [{"next": 7}, {"other": 1}, {"next": "x" * 2000}, [], "text"])
def test_bad_bodies_store_nothing(world: World, body: Any):
    bob = bearer(log_in(world, world.person("bob").name))
    assert world.send("POST", JOIN, bob, json=body).status_code == 400
    assert world.provider.begun == []


def test_a_role_from_a_group_counts_at_once(new_world: NewWorld):
    world = new_world(sign_on_rules=SignOnRules(admin_groups=frozenset({"ops"})))
    first = entered(world, sign_on(world))
    assert world.send("GET", "/api/users", first).status_code == 403
    world.provider.identity = replace(world.provider.identity, groups=frozenset({"ops"}))
    second = entered(world, sign_on(world))
    assert world.send("GET", "/api/users", second).status_code == 200
    assert not is_good(world, first)


def test_a_link_logs_in_once(new_world: NewWorld, any_store: Store):
    world = new_world(any_store)
    world.person("bob", Role.USER)
    token = world.container.get(IssueLoginLink)(world.admin.actor, "bob")
    answer = world.send("POST", "/api/auth/login-link", json={"token": token})
    assert is_good(world, bearer(answer))
    assert is_good(world, bearer(refresh(world, cookie(answer).value)))
    for wrong in (token, "", "\ud800", "x" * 999):
        refused = world.send("POST", "/api/auth/login-link", json={"token": wrong.encode("utf-8", "ignore").decode()})
        assert (401, "invalid_link") == (refused.status_code, refused.json()["data"]["reason"])


def test_where_no_password_is_taken(world: World):
    bob = bearer(log_in(world, world.person("bob").name))
    admin = bearer(log_in(world))
    closed = replace(world.container.settings, takes_passwords=False)
    world.container.shared.settings.override(closed)
    answers = [
        log_in(world),
        world.send(
            "POST", "/api/auth/change-password", bob, json={"old_password": "a" * 9, "new_password": "another long one"}
        ),
        world.send("PUT", "/api/users/reset-password", admin, json={"username": "bob", "password": "another long one"}),
        world.send("POST", "/api/auth/reauthenticate", bob, json={"password": PASSWORD}),
        world.send("POST", "/api/auth/passkeys/login", json={"credential": {}}, headers={"Host": "localhost"}),
    ]
    assert [(403, "password_login_disabled")] * 5 == [(a.status_code, a.json()["data"]["reason"]) for a in answers]
