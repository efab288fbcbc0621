"""The language of what is sent to a person: from the browser, or as they or the maker of the account chose it."""

from typing import Any

import pytest

from tests.integration.http.accounts.logging_in import log_in
from tests.integration.http.world import PASSWORD, World

ENGLISH = {"Accept-Language": "en-GB,en;q=0.9"}
CHINESE = {"Accept-Language": "zh-CN"}


def make(world: World, **more: Any) -> Any:
    made = world.send("POST", "/api/users", world.admin, json={"username": "bob", "password": PASSWORD, **more})
    return made.json()["data"]


@pytest.mark.parametrize(
    ("headers", "expected"),
    [(ENGLISH, "en"), (CHINESE, "zh-CN"), ({}, None), ({"Accept-Language": "fr, *"}, None)],
)
def test_the_first_log_in_takes_that_of_the_browser(any_world: World, headers: dict[str, str], expected: Any) -> None:
    assert make(any_world)["locale"] is None
    profile = log_in(any_world, "bob", headers=headers).json()["data"]["user"]
    assert expected == profile["locale"]
    users = any_world.send("GET", "/api/users", any_world.admin).json()["data"]
    assert [expected] == [each["locale"] for each in users if each["username"] == "bob"]


def test_who_makes_an_account_may_choose_it_change_it_and_leave_it_open_again(world: World) -> None:
    bob = make(world, locale="zh-CN")
    assert "zh-CN" == bob["locale"]
    path = f"/api/users/{bob['id']}"
    for chosen in ("en", None):
        assert chosen == world.send("PUT", path, world.admin, json={"locale": chosen}).json()["data"]["locale"]
    assert 400 == world.send("PUT", path, world.admin, json={"locale": "fr"}).status_code
    assert "en" == log_in(world, "bob", headers=ENGLISH).json()["data"]["user"]["locale"]


def test_the_installation_has_a_default(any_world: World) -> None:
    send, admin = any_world.send, any_world.admin
    assert "zh-CN" == send("GET", "/api/settings", admin).json()["data"]["default_locale"]
    for body in ({"default_locale": "fr"}, {"default_locale": None}):
        assert 400 == send("PUT", "/api/settings", admin, json=body).status_code
    assert "en" == send("PUT", "/api/settings", admin, json={"default_locale": "en"}).json()["data"]["default_locale"]
    assert "en" == send("GET", "/api/settings", admin).json()["data"]["default_locale"]
