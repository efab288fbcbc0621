"""Failed log-ins: their limits, and their entries in the audit log."""

from ipaddress import ip_network

from monitor.application.accounts.limits import Refusals
from monitor.domain.accounts.actors import Role
from tests.integration.http.accounts.logging_in import cookie, is_good, log_in
from tests.integration.http.conftest import NewWorld
from tests.integration.http.world import PASSWORD, World


def test_failures_from_everywhere_slow_an_account_down_but_not_its_session(any_world: World) -> None:
    world = any_world
    bob = world.person("bob")
    assert [401] * 20 == [
        log_in(world, "Bob", "wrong", address=f"198.51.100.{number}").status_code for number in range(10, 30)
    ]
    locked = log_in(world, "bob", address="203.0.113.9")
    assert (429, "too_many_attempts") == (locked.status_code, locked.json()["data"]["reason"])
    assert 0 < int(locked.headers["retry-after"]) <= 60
    assert is_good(world, bob)
    body = {"old_password": PASSWORD, "new_password": "a brand new one"}
    assert 200 == world.send("POST", "/api/auth/change-password", bob, json=body).status_code
    world.later(seconds=int(locked.headers["retry-after"]))
    assert 200 == log_in(world, "bob", "a brand new one", address="203.0.113.9").status_code


def test_the_owner_logs_in_on_a_known_device_after_failures_of_others(any_world: World) -> None:
    world = any_world
    name = f"monitor_device_{world.admin.id}"
    device = cookie(log_in(world), name)
    assert (True, "strict", "/api/auth/login", str(180 * 86400)) == (
        device["httponly"],
        device["samesite"],
        device["path"],
        device["max-age"],
    )
    for number in range(50):
        log_in(world, password="wrong", address=f"203.0.113.{number}")
    for _ in range(10):
        log_in(world, password="wrong")
    assert [429, 200] == [
        log_in(world, headers=sent).status_code for sent in ({}, {"Cookie": f"{name}={device.value}"})
    ]


def test_ten_failures_of_any_name_do_not_keep_the_owner_from_changing_the_password(world: World) -> None:
    for name in (f"\tchange-password:{world.admin.id}", f"change-password:{world.admin.id}"):
        for number in range(10):
            log_in(world, name, "wrong", address=f"198.51.100.{number}")
    body = {"old_password": PASSWORD, "new_password": "a brand new one"}
    assert 200 == world.send("POST", "/api/auth/change-password", world.admin, json=body).status_code


def test_ten_failures_from_one_address_leave_the_account_open_elsewhere(world: World) -> None:
    for _ in range(10):
        log_in(world, password="wrong")
    assert [429, 200] == [log_in(world, address=address).status_code for address in ("198.51.100.7", "198.51.100.8")]


def test_ten_failures_lock_an_address(world: World) -> None:
    for number in range(10):
        log_in(world, f"guess{number}")
    assert [429, 200] == [log_in(world, address=address).status_code for address in ("198.51.100.7", "198.51.100.8")]


FORGED = [f"203.0.113.{number}" for number in range(1, 13)]


def test_a_forged_header_avoids_no_limit(world: World) -> None:
    statuses = [log_in(world, f"g{n}", headers={"X-Forwarded-For": hop}).status_code for n, hop in enumerate(FORGED)]
    assert [401] * 10 + [429] * 2 == statuses


def test_the_header_of_a_trusted_proxy_counts_without_what_a_client_added(new_world: NewWorld) -> None:
    world = new_world(trusted_proxies=(ip_network("198.51.100.0/24"),))

    def guess(number: int, *hops: str) -> int:
        return log_in(world, f"g{number}", headers={"X-Forwarded-For": ", ".join(hops)}).status_code

    assert [401] * 10 + [429] * 2 == [guess(n, forged, "192.0.2.1", "198.51.100.8") for n, forged in enumerate(FORGED)]
    assert 401 == guess(50, "192.0.2.2", "198.51.100.8"), "another client of the same proxies"
    assert 429 == guess(51, "192.0.2.2", "nonsense", "192.0.2.1")


def test_failures_and_log_ins_are_in_the_audit_log(world: World) -> None:
    """An unknown name is not recorded: people type passwords in its place."""
    world.person("root", Role.ADMIN)
    log_in(world, "root")
    log_in(world, "hunter2")
    log_in(world, "root", "wrong")
    world.container.get(Refusals)()
    entries = world.send("GET", "/api/audit", world.admin).json()["data"]
    assert [
        ("session.login_failed", "root", "wrong password"),
        ("session.login_failed", "", "unknown user"),
        ("session.login", "root", ""),
    ] == [(entry["action"], entry["target"], entry["detail"]) for entry in entries[:3]]
    assert {"198.51.100.7"} == {entry["address"] for entry in entries[:3]}
