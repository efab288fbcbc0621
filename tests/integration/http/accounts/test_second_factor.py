"""Second factors over HTTP: set up, log in, be asked for one, and be asked again who one is."""

import re
from typing import Any

import httpx
import pytest

from monitor.application.accounts.recording import Refusals
from monitor.domain.accounts.actors import Role
from monitor.domain.accounts.limits import FAILURES, FREE_FAILURES
from tests.contracts.builders import stored_channel
from tests.integration.http.accounts.logging_in import LOGIN, bearer, cookie, is_good
from tests.integration.http.authenticator import Authenticator, with_totp
from tests.integration.http.served import Served
from tests.integration.http.world import PASSWORD, Caller, Json, Person, World

TOTP, CODES, AGAIN = "/api/auth/totp", "/api/auth/recovery-codes", "/api/auth/reauthenticate"
DEMANDED = "second_factor_required"
FRESH = "reauthentication_required"


def log_in(world: World, name: str, code: str | None = None, password: str = PASSWORD, **more: Any) -> httpx.Response:
    body = {"username": name, "password": password} | ({} if code is None else {"code": code})
    return world.send("POST", LOGIN, json=body, **more)


def reason(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["data"]["reason"]


def data(answer: httpx.Response) -> Any:
    assert answer.status_code == 200, answer.text
    return answer.json()["data"]


def demand(world: World, policy: str) -> None:
    data(world.send("PUT", "/api/settings", world.admin, json={"second_factor": policy}))


def test_a_second_factor_from_its_set_up_to_its_end(any_world: World) -> None:
    world = any_world
    bob = world.person("bob")
    begun = data(world.send("POST", TOTP, bob, json={"password": PASSWORD}))
    assert begun["uri"].startswith("otpauth://totp/monitor:bob?")
    assert begun["qr"].startswith("<svg")
    app = Authenticator(world, begun["secret"])
    codes = data(world.send("PUT", TOTP, bob, json={"code": app.code()}))["recovery_codes"]
    assert (10, 10) == (len(codes), len(set(codes)))

    assert (401, "code_required") == reason(log_in(world, "bob"))
    assert (401, "invalid_code") == reason(log_in(world, "bob", "000000x"))
    logged_in = log_in(world, "bob", app.next_code())
    profile = data(logged_in)["user"]
    shown = ("has_password", "has_totp", "recovery_codes_left", "passkeys", "must_set_up_second_factor")
    assert [True, True, 10, 0, False] == [profile[name] for name in shown]
    assert profile.items() <= data(world.send("GET", "/api/auth/me", bearer(logged_in))).items()
    assert [True] == [
        user["has_second_factor"]
        for user in data(world.send("GET", "/api/users", world.admin))
        if user["username"] == "bob"
    ]

    assert 200 == log_in(world, "bob", codes[0]).status_code
    assert (401, "invalid_code") == reason(log_in(world, "bob", codes[0]))
    new = data(world.send("POST", CODES, bob, json={"code": app.next_code()}))["recovery_codes"]
    assert (401, "invalid_code") == reason(log_in(world, "bob", codes[1]))
    assert 200 == log_in(world, "bob", new[1]).status_code

    data(world.send("DELETE", TOTP, bob, json={"password": PASSWORD, "code": app.next_code()}))
    assert is_good(world, bob)
    assert not is_good(world, bearer(logged_in))
    assert 200 == log_in(world, "bob").status_code


@pytest.mark.parametrize(
    ("method", "path", "body", "expected"),
    [
        ("POST", TOTP, {"password": "wrong"}, (401, "invalid_credentials")),
        ("POST", TOTP, {}, (401, "invalid_credentials")),
        ("POST", TOTP, {"password": 1}, (400, "invalid_input")),
        ("POST", TOTP, {"password": PASSWORD, "more": 1}, (400, "invalid_input")),
        ("PUT", TOTP, {"code": "123456"}, (409, "second_factor_off")),
        ("PUT", TOTP, {}, (400, "invalid_input")),
        ("PUT", TOTP, {"code": "1" * 1001}, (400, "invalid_input")),
        ("DELETE", TOTP, {"password": PASSWORD, "code": "123456"}, (409, "second_factor_off")),
        ("POST", CODES, {"code": "123456"}, (409, "second_factor_off")),
        ("POST", AGAIN, {"password": "wrong"}, (401, "invalid_credentials")),
        ("POST", AGAIN, {}, (400, "invalid_input")),
    ],
)
def test_what_is_wrong_is_said(world: World, method: str, path: str, body: Json, expected: tuple[int, str]) -> None:
    assert expected == reason(world.send(method, path, world.admin, json=body))


@pytest.mark.parametrize("code", ["\x00", "😀" * 100, "' OR 1=1 --", "１２３４５６", "\n"])
def test_hostile_codes_are_wrong_codes(any_world: World, code: str) -> None:
    with_totp(any_world, any_world.admin)
    assert reason(log_in(any_world, "admin", code)) in ((401, "invalid_code"), (401, "code_required"))


def test_with_a_wrong_password_the_answer_is_the_same(world: World) -> None:
    """To the byte, whatever the account has and whatever code is sent, but for the id of the request."""
    app = with_totp(world, world.person("protected"))
    world.person("plain")
    answers = [
        log_in(world, name, code, "wrong", address=f"198.51.100.{number}")
        for number, (name, code) in enumerate(
            [("protected", None), ("protected", app.code()), ("plain", None), ("plain", "123456"), ("nobody", None)]
        )
    ]
    assert all(answer.headers.pop("x-request-id") for answer in answers)
    assert {(401, answers[0].content, str(answers[0].headers))} == {
        (answer.status_code, answer.content, str(answer.headers)) for answer in answers
    }
    world.container.get(Refusals)(all_of_them=True)
    noted = [(row["action"], row["detail"]) for row in data(world.send("GET", "/api/audit", world.admin))[:5]]
    assert {("session.login_failed", "wrong password"), ("session.login_failed", "unknown user")} == set(noted)


def test_codes_are_guessed_no_faster_than_passwords(any_world: World) -> None:
    """By somebody who knows the password and has a thousand addresses."""
    world = any_world
    bob = world.person("bob")
    app = with_totp(world, bob)
    device = cookie(log_in(world, "bob", app.next_code()), f"monitor_device_{bob.id}")
    known = {"Cookie": f"monitor_device_{bob.id}={device.value}"}

    assert (401, "invalid_code") == reason(log_in(world, "bob", "wrong", address="198.51.100.1"))
    tries = 1
    for number in range(300):
        if log_in(world, "bob", "wrong", address=f"10.1.{number // 250}.{number % 250}").status_code == 401:
            tries += 1
        world.later(seconds=1)
    # 20 free ones, then 1, 2, 4, 8, 16, 32, 60, 60, 60 and 60 seconds apart.
    assert FREE_FAILURES + 6 <= tries <= FREE_FAILURES + 11

    assert 200 == log_in(world, "bob", app.next_code(), headers=known).status_code
    waiting = log_in(world, "bob", app.next_code(), address="192.0.2.200")
    if waiting.status_code == 429:
        world.later(seconds=int(waiting.headers["retry-after"]))
        waiting = log_in(world, "bob", app.next_code(), address="192.0.2.200")
    assert 200 == waiting.status_code


def test_a_known_device_has_ten_codes(world: World) -> None:
    bob = world.person("bob")
    app = with_totp(world, bob)
    device = cookie(log_in(world, "bob", app.next_code()), f"monitor_device_{bob.id}")
    known = {"Cookie": f"monitor_device_{bob.id}={device.value}"}
    for _ in range(FAILURES):
        assert (401, "invalid_code") == reason(log_in(world, "bob", "wrong", headers=known))
    assert (429, "too_many_attempts") == reason(log_in(world, "bob", app.next_code(), headers=known))
    assert 200 == log_in(world, "bob", app.next_code()).status_code


def test_who_must_have_a_second_factor_may_only_set_one_up(any_world: World) -> None:
    world = any_world
    bob = world.person("bob")
    demand(world, "admins")
    assert 200 == world.send("GET", "/api/servers", bob).status_code
    assert (403, DEMANDED) == reason(world.send("GET", "/api/servers", world.admin))
    assert (403, DEMANDED) == reason(world.send("PUT", "/api/settings", world.admin, json={}))
    assert data(world.send("GET", "/api/auth/me", world.admin))["must_set_up_second_factor"]
    with_totp(world, world.admin)
    demand(world, "everyone")
    assert (403, DEMANDED) == reason(world.send("GET", "/api/servers", bob))
    assert data(log_in(world, "bob"))["user"]["must_set_up_second_factor"]
    app = Authenticator(world, data(world.send("POST", TOTP, bob, json={"password": PASSWORD}))["secret"])
    data(world.send("PUT", TOTP, bob, json={"code": app.code()}))
    assert 200 == world.send("GET", "/api/servers", bob).status_code


def test_only_what_sets_a_factor_up_is_open_before(world: World) -> None:
    world.person("bob")
    demand(world, "everyone")
    opened = set()
    for path, item in world.send("GET", "/schema/openapi.json").json()["paths"].items():
        for method in {name.upper() for name in item} & {"GET", "POST", "PUT", "DELETE"}:
            if path.startswith("/api"):
                answer = world.send(method, re.sub(r"\{\w+\}", "1", path), world.log_in("bob"))
                if reason_of(answer) not in (DEMANDED, "unauthenticated", "invalid_api_key"):
                    opened.add((method, path))
    assert {
        ("POST", LOGIN),
        ("GET", "/api/auth/me"),
        ("POST", "/api/auth/logout"),
        ("POST", "/api/auth/change-password"),
        ("POST", AGAIN),
        ("POST", TOTP),
        ("PUT", TOTP),
        ("DELETE", TOTP),
        ("POST", CODES),
        ("POST", "/api/auth/login-link"),
        ("GET", "/api/auth/methods"),
        ("GET", "/api/rotas/{rota_id}"),  # a file for calendars, by its token
        ("GET", "/api/auth/oidc/login"),
        ("GET", "/api/auth/oidc/callback"),
    } == {each for each in opened if "passkeys" not in each[1]}


def reason_of(answer: httpx.Response) -> str | None:
    if answer.is_redirect:
        return None
    found = answer.json()["data"]
    return found.get("reason") if isinstance(found, dict) else None


REQUESTS: dict[str, tuple[str, str, Json]] = {
    "change password": ("POST", "/api/auth/change-password", {"old_password": "x", "new_password": "y"}),
    "begin totp": ("POST", TOTP, {"password": "wrong"}),
    "confirm totp": ("PUT", TOTP, {"code": "1"}),
    "reset password": ("PUT", "/api/users/reset-password", {"username": "nobody", "password": "x"}),
    "reset factors": ("DELETE", "/api/users/999/totp", {}),
    "new administrator": ("POST", "/api/users", {"username": "eve", "password": "x", "role": "admin"}),
    "promotion": ("PUT", "/api/users/{bob}", {"role": "admin"}),
    "fleet key": ("POST", "/api/api-keys", {"name": "k", "server_id": None}),
    "server key": ("POST", "/api/api-keys", {"name": "k", "server_id": 999}),
    "new webhook": ("POST", "/api/channels", {"name": "c", "kind": "webhook", "settings": {}}),
    "changed webhook": ("PUT", "/api/channels/{webhook}", {"enabled": False}),
}


@pytest.mark.parametrize(("seconds", "is_asked"), [(0, False), (1, True)])
@pytest.mark.parametrize("name", REQUESTS)
def test_these_ask_who_one_is_after_ten_minutes(world: World, name: str, seconds: int, is_asked: bool) -> None:
    method, path, body = REQUESTS[name]
    webhook = stored_channel(world.container.uow).id
    path = path.format(bob=world.person("bob").id, webhook=webhook)
    world.later(minutes=10, seconds=seconds)
    answer = world.send(method, path, world.admin, json=body or None)
    assert is_asked is ((403, FRESH) == (answer.status_code, reason_of(answer)))


def test_only_a_promotion_asks_who_one_is(world: World) -> None:
    bob = world.person("bob")
    world.later(minutes=10, seconds=1)
    path = f"/api/users/{bob.id}"
    assert (403, FRESH) == reason(world.send("PUT", path, world.admin, json={"role": "admin"}))
    assert 200 == world.send("PUT", path, world.admin, json={"role": "user", "email": "b@example.com"}).status_code


def test_a_team_mailbox_asks_nobody(world: World) -> None:
    world.later(minutes=10, seconds=1)
    body = {"name": "team", "kind": "email", "settings": {"address": "team@example.com"}}
    made = data(world.send("POST", "/api/channels", world.admin, json=body))
    assert 200 == world.send("PUT", f"/api/channels/{made['id']}", world.admin, json={"enabled": False}).status_code


def test_who_may_not_is_not_asked_who_they_are(world: World) -> None:
    bob = world.person("bob")
    world.later(minutes=10, seconds=1)
    for method, path, body in REQUESTS.values():
        if path.startswith(("/api/users", "/api/channels")):
            answer = world.send(method, path.format(bob=bob.id, webhook=1), bob, json=body or None)
            assert (403, "forbidden") == reason(answer)


def test_a_new_proof_opens_what_asked_for_it(any_world: World) -> None:
    world = any_world
    bob = world.person("bob")
    app = with_totp(world, bob)
    world.later(minutes=10, seconds=1)
    assert data(world.send("GET", "/api/auth/me", bob))["fresh_until"] is None
    assert (401, "code_required") == reason(world.send("POST", AGAIN, bob, json={"password": PASSWORD}))
    wrong = {"password": PASSWORD, "code": "000000x"}
    assert (401, "invalid_code") == reason(world.send("POST", AGAIN, bob, json=wrong))
    profile = data(world.send("POST", AGAIN, bob, json={"password": PASSWORD, "code": app.next_code()}))
    until = world.clock.now()
    assert profile.items() <= data(world.send("GET", "/api/auth/me", bob)).items()
    assert f"{until:%Y-%m-%d}" in profile["fresh_until"]
    body = {"old_password": PASSWORD, "new_password": "a brand new one"}
    assert data(world.send("POST", "/api/auth/change-password", bob, json=body))


def test_an_administrator_resets_a_lost_factor(any_world: World) -> None:
    world = any_world
    bob = world.person("bob")
    with_totp(world, bob)
    assert (401, "code_required") == reason(log_in(world, "bob"))
    world.later(seconds=1)
    assert (200, None) == (
        (answer := world.send("DELETE", f"/api/users/{bob.id}/totp", world.admin)).status_code,
        answer.json()["data"],
    )
    assert not is_good(world, bob)
    ended = world.send("GET", "/api/servers", bob)
    assert 'error_description="elsewhere"' in ended.headers["www-authenticate"]
    assert 200 == log_in(world, "bob").status_code
    assert (404, "not_found") == reason(world.send("DELETE", "/api/users/999/totp", world.admin))


@pytest.mark.parametrize("how", ["policy", "off", "reset", "password"])
def test_streams_end(served: Served, how: str) -> None:
    world = served.world
    bob = world.person("bob", Role.ADMIN)
    app = with_totp(world, bob)
    streaming: Person = world.person("eve") if how == "policy" else bob
    here = Caller(headers=bearer(log_in(world, "bob", app.next_code())).headers)
    with served.stream(streaming) as events:
        events.until("servers")
        match how:
            case "policy":
                served.send("PUT", "/api/settings", world.admin, json={"second_factor": "everyone"})
            case "off":
                body = {"password": PASSWORD, "code": app.next_code()}
                assert 200 == served.send("DELETE", TOTP, here, json=body).status_code
            case "reset":
                served.send("DELETE", f"/api/users/{bob.id}/totp", world.admin)
            case "password":
                body = {"old_password": PASSWORD, "new_password": "a brand new one"}
                served.send("POST", "/api/auth/change-password", here, json=body)
        assert ("end", []) == events.rest()[-1]
