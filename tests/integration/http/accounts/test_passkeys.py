"""Passkeys over HTTP, with a device that holds real keys."""

from dataclasses import replace
from typing import Any

import httpx
import pytest

from monitor.adapters.http.accounts.passkeys import site_of
from monitor.application.accounts.limits import Refusals
from monitor.domain.accounts.actors import FRESH
from monitor.domain.accounts.identities import Identity, JoinedIdentity
from monitor.domain.accounts.limits import BEGINNINGS
from monitor.domain.accounts.passkeys import Site
from tests.fakes.device import Device
from tests.integration.http.accounts.logging_in import bearer, cookie, is_good
from tests.integration.http.conftest import NewWorld
from tests.integration.http.world import ANONYMOUS, HOST, Caller, Json, Person, World

PATH = "/api/auth/passkeys"
BASE = f"https://{HOST}"


@pytest.fixture
def world(new_world: NewWorld) -> World:
    return new_world(base_url=BASE)


@pytest.fixture
def device() -> Device:
    return Device(origin=BASE, counts=True)


def options(world: World, path: str, caller: Caller = ANONYMOUS, **more: Any) -> Json:
    answer = world.send("POST", f"{PATH}{path}", caller, **more)
    assert answer.status_code == 200, answer.text
    found: Json = answer.json()["data"]
    return found


def add(world: World, person: Caller, device: Device, name: str = "laptop") -> Json:
    body = {"name": name, "credential": device.create(options(world, "/options", person))}
    answer = world.send("POST", PATH, person, json=body)
    assert answer.status_code == 200, answer.text
    made: Json = answer.json()["data"]
    return made


def log_in(world: World, device: Device, **more: Any) -> httpx.Response:
    credential = device.sign(options(world, "/login/options"))
    return world.send("POST", f"{PATH}/login", json={"credential": credential}, **more)


def refusal(answer: httpx.Response) -> tuple[int, Any]:
    return answer.status_code, answer.json()["data"]["reason"]


def test_a_passkey_is_added_shown_used_and_removed(any_store: Any, new_world: NewWorld, device: Device) -> None:
    world = new_world(any_store, base_url=BASE)
    ann = world.person("ann")
    made = add(world, ann, device)
    assert made == {
        "id": made["id"],
        "name": "laptop",
        "created_at": "2030-01-01 12:00:00",
        "last_used_at": None,
        "cloned_at": None,
    }
    world.later(minutes=1)
    answer = log_in(world, device)
    assert (answer.status_code, answer.json()["data"]["user"]["username"]) == (200, "ann")
    assert cookie(answer, "__Host-monitor_refresh")["httponly"]
    assert is_good(world, bearer(answer))
    assert world.send("GET", PATH, ann).json()["data"] == [made | {"last_used_at": "2030-01-01 12:01:00"}]
    assert world.send("GET", PATH, world.person("bob")).json()["data"] == []
    assert world.send("DELETE", f"{PATH}/{made['id']}", ann).status_code == 200
    assert not is_good(world, bearer(answer))
    assert is_good(world, ann)
    assert refusal(log_in(world, device)) == (401, "invalid_passkey")


def test_a_copied_passkey_is_shown_as_such(any_store: Any, new_world: NewWorld, device: Device) -> None:
    world = new_world(any_store, base_url=BASE)
    ann = world.person("ann")
    add(world, ann, device)
    assert log_in(world, device).status_code == 200
    device.keys[0].sign_count -= 1
    assert refusal(log_in(world, device)) == (401, "invalid_passkey")
    [shown] = world.send("GET", PATH, ann).json()["data"]
    assert shown["cloned_at"] == "2030-01-01 12:00:00"
    actions = [entry["action"] for entry in world.send("GET", "/api/audit", world.admin).json()["data"]]
    assert "passkey.cloned" in actions


def test_the_same_answer_works_once(world: World, device: Device) -> None:
    add(world, world.admin, device)
    body = {"credential": device.sign(options(world, "/login/options"))}
    answers = [world.send("POST", f"{PATH}/login", json=body) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [200, 401]


@pytest.mark.parametrize(
    "body", [{}, {"credential": None}, {"credential": []}, {"credential": "x"}, {"credential": {}, "x": 1}]
)
def test_a_body_of_another_form_is_invalid(world: World, body: Json) -> None:
    assert refusal(world.send("POST", f"{PATH}/login", json=body)) == (400, "invalid_input")


@pytest.mark.parametrize("credential", [{}, {"id": 1}, {"rawId": "AA", "response": {"clientDataJSON": "e30"}}])
def test_a_credential_of_another_form_is_refused(world: World, credential: Json) -> None:
    for path in ("login", "reauthenticate"):
        answer = world.send("POST", f"{PATH}/{path}", world.admin, json={"credential": credential})
        assert refusal(answer) == (401, "invalid_passkey")
    answer = world.send("POST", PATH, world.admin, json={"name": "laptop", "credential": credential})
    assert (answer.status_code, [*answer.json()["data"]["fields"]]) == (400, ["credential"])


def test_failures_are_in_the_audit_log_without_what_was_sent(world: World, device: Device) -> None:
    add(world, world.admin, device)
    log_in(world, Device(origin="https://evil.test", keys=device.keys))
    world.container.get(Refusals)(all_of_them=True)
    entries = world.send("GET", "/api/audit", world.admin).json()["data"]
    [failed] = [entry for entry in entries if entry["action"] == "session.login_failed"]
    assert (failed["target"], failed["detail"], failed["user_id"]) == ("", "passkey", None)


def test_a_stale_session_is_renewed_by_a_passkey(world: World, device: Device) -> None:
    made = add(world, world.admin, device)
    world.later(seconds=FRESH.total_seconds() + 1)
    refused = (403, "reauthentication_required")
    assert refusal(world.send("POST", f"{PATH}/options", world.admin)) == refused
    assert refusal(world.send("DELETE", f"{PATH}/{made['id']}", world.admin)) == refused
    body = {"credential": device.sign(options(world, "/login/options"))}
    assert world.send("POST", f"{PATH}/reauthenticate", world.admin, json=body).status_code == 200
    assert world.send("DELETE", f"{PATH}/{made['id']}", world.admin).status_code == 200


def test_nobody_confirms_with_the_passkey_of_another(world: World, device: Device) -> None:
    ann: Person = world.person("ann")
    add(world, ann, device)
    body = {"credential": device.sign(options(world, "/login/options"))}
    answer = world.send("POST", f"{PATH}/reauthenticate", world.admin, json=body)
    assert refusal(answer) == (401, "invalid_passkey")
    assert is_good(world, world.admin)


def test_a_network_begins_so_many(world: World) -> None:
    for _ in range(BEGINNINGS):
        options(world, "/login/options")
    answer = world.send("POST", f"{PATH}/login/options")
    assert refusal(answer) == (429, "too_many_attempts")
    assert int(answer.headers["Retry-After"]) > 0
    options(world, "/login/options", address="203.0.113.9")


@pytest.mark.parametrize(
    ("host", "rp_id"), [("localhost", "localhost"), ("localhost:8000", "localhost"), ("LOCALHOST:80", "localhost")]
)
def test_without_a_base_url_the_site_is_the_host_that_was_asked(new_world: NewWorld, host: str, rp_id: str) -> None:
    found = options(new_world(), "/login/options", headers={"Host": host})
    assert found["rpId"] == rp_id


@pytest.mark.parametrize("host", ["127.0.0.1:8000", "[::1]:8000", HOST])
def test_where_browsers_offer_none_the_answer_says_so(new_world: NewWorld, host: str) -> None:
    world = new_world()
    for path in ("/login/options", "/options"):
        answer = world.send("POST", f"{PATH}{path}", world.admin, headers={"Host": host, "Accept-Language": "en"})
        assert refusal(answer) == (409, "passkeys_unavailable")
        assert "MONITOR_BASE_URL" in answer.json()["msg"]


def test_another_allowed_host_does_not_change_the_site(new_world: NewWorld) -> None:
    world = new_world(base_url=BASE, allowed_hosts=(HOST, "other.test"))
    assert options(world, "/login/options", headers={"Host": "other.test"})["rpId"] == HOST


@pytest.mark.parametrize(
    ("address", "origin"),
    [
        ("https://Monitor.Example.com/", "https://monitor.example.com"),
        ("https://monitor.example.com:443", "https://monitor.example.com"),
        ("https://monitor.example.com:8443/path", "https://monitor.example.com:8443"),
        ("http://localhost:80", "http://localhost"),
        ("http://localhost:443", "http://localhost:443"),
        ("http://[::1]:8000", "http://[::1]:8000"),
    ],
)
def test_origins_are_written_as_browsers_do(address: str, origin: str) -> None:
    assert site_of(address) == Site(origin=origin)


def demand_factors(world: World) -> None:
    """Of administrators."""
    answer = world.send("PUT", "/api/settings", world.admin, json={"second_factor": "admins"})
    assert answer.status_code == 200, answer.text


def test_a_passkey_is_the_factor_that_a_policy_demands(world: World, device: Device) -> None:
    demand_factors(world)
    required = (403, "second_factor_required")
    assert refusal(world.send("GET", "/api/users", world.admin)) == required
    add(world, world.admin, device)
    assert world.send("GET", "/api/users", world.admin).status_code == 200
    answer = log_in(world, device)
    assert not answer.json()["data"]["user"]["must_set_up_second_factor"]
    assert world.send("GET", "/api/users", bearer(answer)).status_code == 200
    # The copy was made before that log-in.
    device.keys[0].sign_count = 1
    assert log_in(world, device).status_code == 401
    assert refusal(world.send("GET", "/api/users", world.admin)) == required


def test_the_last_way_in_stays(world: World, device: Device) -> None:
    ann = world.person("ann")
    made = add(world, ann, device)
    with world.container.uow() as uow:
        uow.users.save(replace(uow.users.get(ann.id), password_hash=""))
        uow.commit()
    assert refusal(world.send("DELETE", f"{PATH}/{made['id']}", ann)) == (409, "last_way_in")
    second = add(world, ann, Device(origin=BASE))
    assert world.send("DELETE", f"{PATH}/{made['id']}", ann).status_code == 200
    assert refusal(world.send("DELETE", f"{PATH}/{second['id']}", ann)) == (409, "last_way_in")
    with world.container.uow() as uow:
        former = Identity(issuer="https://former.example.com", subject="ann", username="ann")
        uow.identities.add(JoinedIdentity.of(former, ann.id, world.container.clock.now()))
        uow.commit()
    assert refusal(world.send("DELETE", f"{PATH}/{second['id']}", ann)) == (409, "last_way_in")


def test_a_page_of_another_site_begins_no_log_in(world: World) -> None:
    """Else it would use up what its visitors' network may begin."""
    for site, status in (("cross-site", 403), ("same-origin", 200)):
        headers = {"Host": "localhost", "Sec-Fetch-Site": site}
        assert status == world.send("POST", "/api/auth/passkeys/login/options", headers=headers).status_code
