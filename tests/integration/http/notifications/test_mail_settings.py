"""/api/settings/mail: for administrators, with a fresh log-in, without the password."""

from typing import Any

from monitor.application.fleet.fleet import Fleet
from monitor.application.notifications.sender_ports import SendResult, SendStatus
from monitor.domain.notifications.mail_settings import MailSettings
from tests.integration.http.alerts.alarms import data, fields
from tests.integration.http.conftest import NewWorld
from tests.integration.http.world import PASSWORD, World

PATH, TEST = "/api/settings/mail", "/api/settings/mail/test"
ORIGIN = "http://10.0.0.5:8000"
NOTHING: dict[str, Any] = {
    "host": None,
    "port": None,
    "security": None,
    "username": None,
    "has_password": False,
    "password_lost": False,
    "sender": None,
    "base_url": None,
    "seen_url": None,
    "works": False,
    "environment": {},
}
FORM = {"host": "mail.example.com", "port": 2525, "security": "tls", "username": "ops@example.com", "password": "hush"}


def settings(world: World) -> dict[str, Any]:
    found: dict[str, Any] = data(world.send("GET", PATH, world.admin))
    return found


def own_address(world: World) -> None:
    data(world.send("PUT", "/api/auth/me", world.admin, json={"email": "admin@example.com"}))


def save(world: World, **change: Any) -> dict[str, Any]:
    found: dict[str, Any] = data(world.send("PUT", PATH, world.admin, json=change))
    return found


def test_a_change_leaves_omitted_values_and_shows_no_password(world: World) -> None:
    assert NOTHING == settings(world)
    expected = NOTHING | FORM | {"has_password": True}
    del expected["password"]
    assert expected == save(world, **FORM) == settings(world)
    changed = expected | {"base_url": "https://monitor.example.com"}
    assert changed == save(world, base_url=" https://monitor.example.com/ ")
    entries = data(world.send("GET", "/api/audit", world.admin))[:2]
    assert ["settings.mail"] * 2 == [entry["action"] for entry in entries]
    assert 'base_url: null -> "https://monitor.example.com"' == entries[0]["detail"]
    assert "password changed" in entries[1]["detail"]
    assert "hush" not in world.send("GET", "/api/audit", world.admin).text


def test_another_host_needs_the_password_again(world: World) -> None:
    save(world, **FORM)
    for path, method in ((PATH, "PUT"), (TEST, "POST")):
        own_address(world)
        refused = world.send(method, path, world.admin, json={"host": "evil.example.com"})
        assert (400, ["password"]) == (refused.status_code, list(fields(refused)))
    assert "mail.example.com" == settings(world)["host"]


def test_what_the_environment_sets_cannot_be_changed(new_world: NewWorld) -> None:
    environment = MailSettings(host="env.example.com", port=25, sender="env@example.com")
    world = new_world(smtp_settings=environment, base_url="https://env.example.com")
    variables = {"host": "SMTP_HOST", "port": "SMTP_PORT", "sender": "SMTP_FROM", "base_url": "MONITOR_BASE_URL"}
    assert variables == settings(world)["environment"]
    assert ("env.example.com", 25) == (settings(world)["host"], settings(world)["port"])
    refused = world.send("PUT", PATH, world.admin, json={"host": "b", "base_url": "https://b", "security": "tls"})
    assert (400, {"host", "base_url"}) == (refused.status_code, set(fields(refused)))
    assert "SMTP_HOST" in fields(refused)["host"]
    assert "tls" == save(world, security="tls", host="env.example.com")["security"]


def test_the_base_url_is_where_agents_and_browsers_come_to(world: World) -> None:
    """In every process; and the hosts from before stay accepted, in case it is wrong."""
    other = Fleet(world.store.queries)
    other.poll()
    named = {"Host": "monitor.example.com"}
    assert 421 == world.send("GET", "/", headers=named).status_code
    save(world, base_url="https://monitor.example.com")
    assert 421 != world.send("GET", "/", headers=named).status_code
    assert 421 == world.send("GET", "/", headers={"Host": "evil.example.com"}).status_code
    assert "https://monitor.example.com" in world.send("GET", "/agent/install.sh").text
    other.poll()
    assert "https://monitor.example.com" == other.directory.mail.base_url


def test_a_change_needs_a_fresh_log_in(world: World) -> None:
    world.later(minutes=11)
    refused = world.send("PUT", PATH, world.admin, json=FORM)
    assert (403, "reauthentication_required") == (refused.status_code, refused.json()["data"]["reason"])


def test_only_the_browser_of_an_administrator_says_where_this_server_is(world: World) -> None:
    """A Host header says nothing, and neither does an Origin that a program chose."""
    save(world, sender="a@example.com")
    token = world.token(world.admin)
    world.send("PUT", PATH, token, json={"sender": "b@example.com"}, headers={"Origin": "http://evil.example.com"})
    for origin in ("null", "http://a b", "file:///etc"):
        world.send("PUT", PATH, world.admin, json={}, headers={"Origin": origin})
    assert settings(world)["seen_url"] is None
    world.send("PUT", PATH, world.admin, json={}, headers={"Origin": ORIGIN})
    assert ORIGIN == settings(world)["seen_url"]


def test_it_is_noted_when_the_first_administrator_sets_a_password(world: World) -> None:
    def change(old: str, new: str, origin: str) -> None:
        body = {"old_password": old, "new_password": new}
        path = "/api/auth/change-password"
        answer = world.send("POST", path, world.admin, json=body, headers={"Origin": origin})
        assert 200 == answer.status_code, answer.text
        world.admin = world.log_in("admin", new)

    change(PASSWORD, "a better password 1", ORIGIN)
    change("a better password 1", "a better password 2", "http://other.example.com")
    assert ORIGIN == settings(world)["seen_url"]


def test_a_test_goes_to_the_caller_and_proves_the_server(world: World) -> None:
    refused = world.send("POST", TEST, world.admin, json={"host": "mail.example.com", "sender": "a@example.com"})
    assert (400, ["email"]) == (refused.status_code, list(fields(refused)))
    own_address(world)
    assert {"sent": True, "failed": None, "error": None} == data(world.send("POST", TEST, world.admin, json=FORM))
    [(address, message)] = world.mailer.sent
    assert message.is_test
    assert NOTHING == settings(world), "nothing is saved"
    assert save(world, **FORM)["works"]
    assert not save(world, **FORM | {"username": "other@example.com"})["works"]
    world.mailer.answers[address] = SendResult(SendStatus.RETRY, "login: 535 no", failed="login")
    failed = data(world.send("POST", TEST, world.admin, json={}))
    assert {"sent": False, "failed": "login", "error": "login: 535 no"} == failed
    entries = data(world.send("GET", "/api/audit", world.admin))
    assert ["not sent: login: 535 no", "sent"] == [e["detail"] for e in entries if e["action"] == "settings.try_mail"]
