"""Administration of accounts."""

from typing import Any

import pytest
import sqlalchemy as sa

from monitor.adapters.persistence.engine.engine import create_engine
from monitor.adapters.persistence.store import SqlStore
from monitor.domain.accounts.actors import Role
from tests.integration.http.accounts.logging_in import bearer, log_in
from tests.integration.http.conftest import NewWorld
from tests.integration.http.world import PASSWORD, World

NEW = {"username": "Bob", "password": "a fine password"}


def create(world: World, **more: Any) -> Any:
    return world.send("POST", "/api/users", world.admin, json=NEW | more)


@pytest.mark.parametrize("name", ["Bob", "bob", "BOB", " bob ", "ｂｏｂ"])
def test_a_name_is_taken_in_any_case_and_width(any_world: World, name: str) -> None:
    create(any_world)
    answer = create(any_world, username=name)
    assert (409, "username_taken") == (answer.status_code, answer.json()["data"]["reason"])


@pytest.mark.parametrize("name", ["", "  ", "a\tb", "a\u2028b", "\u200ebob", "b\u200bob", "bob\ufeff", "b\u00adob"])
def test_a_name_has_no_invisible_characters(calm_world: World, name: str) -> None:
    assert ["username"] == list(create(calm_world, username=name).json()["data"]["fields"])


@pytest.mark.parametrize("role", ["root", "Admin", "", None, 1])
def test_a_role_is_one_of_two(calm_world: World, role: Any) -> None:
    answer = create(calm_world, role=role)
    assert (400, ["role"]) == (answer.status_code, list(answer.json()["data"]["fields"]))


@pytest.mark.parametrize(("given", "stored"), [("a@b.de", "a@b.de"), ("", None), (None, None)])
def test_an_email_is_optional(world: World, given: str | None, stored: str | None) -> None:
    assert stored == create(world, email=given).json()["data"]["email"]


def test_omitted_values_stay(world: World) -> None:
    user_id = create(world, email="bob@example.com").json()["data"]["id"]
    path = f"/api/users/{user_id}"
    assert "bob@example.com" == world.send("PUT", path, world.admin, json={"role": "admin"}).json()["data"]["email"]
    changed = world.send("PUT", path, world.admin, json={"email": None}).json()["data"]
    assert ("admin", None) == (changed["role"], changed["email"])


def test_the_last_admin_is_kept(any_world: World) -> None:
    world = any_world
    first = f"/api/users/{world.admin.id}"
    demoted = world.send("PUT", first, world.admin, json={"role": "user"})
    assert (409, "last_admin") == (demoted.status_code, demoted.json()["data"]["reason"])
    second = world.person("second", Role.ADMIN)
    assert 200 == world.send("PUT", first, second, json={"role": "user"}).status_code
    assert 409 == world.send("PUT", f"/api/users/{second.id}", second, json={"role": "user"}).status_code


def test_admins_cannot_delete_themselves(world: World) -> None:
    world.person("second", Role.ADMIN)
    answer = world.send("DELETE", "/api/users/1", world.admin)
    assert (409, "own_account") == (answer.status_code, answer.json()["data"]["reason"])


def test_deleting_a_user_removes_their_links_and_nothing_else(any_world: World) -> None:
    world = any_world
    bob = world.person("bob")
    server_id = world.server("192.0.2.1", bob)
    world.send("POST", "/api/api-keys", bob, json={"name": "mine", "server_id": server_id})
    assert 200 == world.send("DELETE", f"/api/users/{bob.id}", world.admin).status_code
    assert [] == world.send("GET", f"/api/servers/{server_id}", world.admin).json()["data"]["users"]
    keys = world.send("GET", "/api/api-keys", world.admin).json()["data"]
    assert [("mine", None)] == [(key["name"], key["owner_id"]) for key in keys]


def test_resetting_an_unknown_users_password_is_a_404(world: World) -> None:
    body = {"username": "nobody", "password": "a fine password"}
    assert 404 == world.send("PUT", "/api/users/reset-password", world.admin, json=body).status_code


def test_options_hold_only_ids_and_names(world: World) -> None:
    bob = world.person("bob")
    options = world.send("GET", "/api/users/options", bob).json()["data"]
    assert [{"id": 1, "username": "admin"}, {"id": bob.id, "username": "bob"}] == options


@pytest.mark.parametrize(
    ("query", "found"),
    [("q=OB", ["bob", "robin"]), ("q=ob&limit=1", ["bob"]), ("q=nobody", []), ("limit=2", ["admin", "bob"])],
)
def test_options_are_searched_by_name(world: World, query: str, found: list[str]) -> None:
    bob = world.person("bob")
    world.person("robin")
    options = world.send("GET", f"/api/users/options?{query}", bob).json()["data"]
    assert found == [option["username"] for option in options]


def test_no_response_holds_a_password_or_its_hash(world: World) -> None:
    texts = [create(world).text, world.send("GET", "/api/users", world.admin).text]
    texts.append(world.send("GET", "/api/audit", world.admin).text)
    for text in texts:
        assert "a fine password" not in text
        assert PASSWORD not in text
        assert "insecure-for-tests" not in text


def test_a_user_inserted_by_hand_logs_in_after_a_reset(ready_url: str, new_world: NewWorld) -> None:
    world = new_world(SqlStore(ready_url, pool_size=8))
    engine = create_engine(ready_url)
    with engine.begin() as connection:
        connection.execute(sa.text("INSERT INTO users (username, password) VALUES ('Straße', 'a fine one')"))
    engine.dispose()
    login = {"username": "STRASSE", "password": "a fine password"}
    assert 401 == world.send("POST", "/api/auth/login", json=login).status_code
    assert 200 == world.send("PUT", "/api/users/reset-password", world.admin, json=login).status_code
    assert "Straße" == world.send("POST", "/api/auth/login", json=login).json()["data"]["user"]["username"]


def test_a_password_set_by_an_administrator_only_lets_itself_be_changed(any_world: World) -> None:
    world = any_world
    body = {"username": "eve", "password": "given by admin"}
    for method, path in (("POST", "/api/users"), ("PUT", "/api/users/reset-password")):
        assert 200 == world.send(method, path, world.admin, json=body).status_code
        logged_in = log_in(world, "eve", "given by admin")
        assert logged_in.json()["data"]["user"]["must_change_password"] is True
        refused = world.send("GET", "/api/servers", bearer(logged_in))
        assert (403, "password_change_required") == (refused.status_code, refused.json()["data"]["reason"])
        change = {"old_password": "given by admin", "new_password": "chosen by eve"}
        changed = world.send("POST", "/api/auth/change-password", bearer(logged_in), json=change)
        assert changed.json()["data"]["user"]["must_change_password"] is False
        assert 200 == world.send("GET", "/api/servers", bearer(changed)).status_code


def test_a_reset_of_ones_own_password_is_not_temporary(world: World) -> None:
    body = {"username": "admin", "password": "chosen by admin"}
    assert 200 == world.send("PUT", "/api/users/reset-password", world.admin, json=body).status_code
    assert log_in(world, password="chosen by admin").json()["data"]["user"]["must_change_password"] is False


def test_a_preview_names_what_is_lost_and_a_deletion_hands_it_over(any_world: World) -> None:
    world = any_world
    bob, eve = world.person("bob"), world.person("eve")
    web = world.server("192.0.2.1", bob, name="web")
    rota = {"name": "nights", "timezone": "UTC", "starts_at": "2030-01-01 08:00:00", "user_ids": [bob.id]}
    rota_id = world.send("POST", "/api/rotas", world.admin, json=rota).json()["data"]["id"]

    def preview(**params: int) -> dict[str, Any]:
        answer = world.send("GET", f"/api/users/{bob.id}/deletion", world.admin, params=params)
        return {part.pop("kind"): part for part in answer.json()["data"]}

    assert {"count": 1, "lost": 1, "first": [{"id": web, "name": "web", "lost": True}]} == preview()["servers"]
    assert {"count": 1, "lost": 1, "first": [{"id": rota_id, "name": "nights", "lost": True}]} == preview()["rotas"]
    assert (0, 0) == tuple(preview(hand_over_to=eve.id)[kind]["lost"] for kind in ("servers", "rotas"))
    path = f"/api/users/{bob.id}"
    for wanted in (bob.id, 4711):
        refused = world.send("DELETE", path, world.admin, params={"hand_over_to": wanted})
        assert (400, ["hand_over_to"]) == (refused.status_code, [*refused.json()["data"]["fields"]])
    assert 200 == world.send("DELETE", path, world.admin, params={"hand_over_to": eve.id}).status_code
    shown = world.send("GET", f"/api/servers/{web}", eve).json()["data"]
    assert ["eve"] == [each["username"] for each in shown["users"]]
    [now] = world.send("GET", "/api/on-call", eve).json()["data"]
    assert "eve" == now["now"]["username"]
    assert 404 == world.send("GET", f"{path}/deletion", world.admin).status_code
