"""/api/auth/me/ways, /api/auth/me/push and /api/push/key: how a person is notified."""

from collections.abc import Iterator

import pytest

from monitor.adapters.outbound.destinations import networks
from tests.integration.http.access_requests import SUBSCRIPTION
from tests.integration.http.alerts.alarms import alerts, data, deliver, fields, host, policy, refusal, with_address
from tests.integration.http.conftest import NewWorld
from tests.integration.http.world import Json, Person, World
from tests.integration.notify.browsers import Browser
from tests.integration.notify.hooks import Hook, serving

PATH = "/api/auth/me/ways"
BASE = "https://monitor.example.com"
MAILBOX: Json = {
    "id": 0,
    "kind": "mail",
    "settings": {},
    "level": "warning",
    "after": 0.0,
    "confirmed_at": None,
    "readable": True,
    "failed": "",
}
HOOK: Json = {"kind": "webhook", "settings": {"url": "https://sms.example.com/T0KEN", "secret": "hush-hush"}}
SECRETS = ("T0KEN", "hush-hush")


def ways(world: World, person: Person) -> list[Json]:
    found: list[Json] = data(world.send("GET", PATH, person))
    return found


def choose(world: World, person: Person, *chosen: Json) -> list[Json]:
    found: list[Json] = data(world.send("PUT", PATH, person, json=[*chosen]))
    return found


def test_a_new_person_has_mail(world: World) -> None:
    bob = with_address(world, "bob")
    assert [MAILBOX] == ways(world, bob)
    assert {"sent": True, "error": None} == data(world.send("POST", f"{PATH}/0/test", bob))
    assert ["bob@example.com"] == [to for to, _ in world.mailer.sent]


def test_ways_are_chosen_kept_and_removed(any_world: World) -> None:
    """What was answered can be sent back."""
    bob = any_world.person("bob")
    later = HOOK | {"level": "critical", "after": 600}
    mail, hook = choose(any_world, bob, {"kind": "mail"}, later)
    assert MAILBOX | {"id": mail["id"]} == mail
    shown = {"url": "https://sms.example.com/***", "secret": "***"}
    assert MAILBOX | later | {"id": hook["id"], "settings": shown, "after": 600.0} == hook
    assert [mail, hook] == ways(any_world, bob)
    assert [hook, mail] == choose(any_world, bob, hook, mail) == ways(any_world, bob)
    assert [mail] == choose(any_world, bob, mail)
    assert [MAILBOX] == choose(any_world, bob)


def test_their_secrets_are_never_shown_again(world: World) -> None:
    """Not to the person, and not to administrators, who see kinds alone."""
    bob = world.person("bob")
    made = world.send("PUT", PATH, bob, json=[HOOK])
    users = world.send("GET", "/api/users", world.admin)
    answers = [made, world.send("GET", PATH, bob), users, world.send("GET", "/api/audit", world.admin)]
    assert [] == [secret for secret in SECRETS for answer in answers if secret in answer.text]
    kinds = {user["username"]: user["ways"] for user in data(users)}
    assert [{"kind": "webhook", "confirmed_at": None}] == kinds["bob"]
    assert [{"kind": "mail", "confirmed_at": None}] == kinds["admin"]


@pytest.mark.parametrize(
    ("body", "named"),
    [
        ([{"kind": "mail", "after": 86_401}], "[0].after"),
        ([{"kind": "mail", "after": 1e300}], "[0].after"),
        ([{"kind": "mail", "level": "ok"}], "[0].level"),
        ([{"kind": "mail"}, {"kind": "webhook"}], "[1].settings.url"),
        ([{"kind": "mail"}] * 11, "ways"),
        ([{"kind": "mail", "id": 999}], "[0].id"),
        ([{"colour": "red", "kind": "mail"}], "[0].colour"),
        ({"kind": "mail"}, "body"),
    ],
)
def test_what_is_wrong_is_named_with_its_place(world: World, body: Json, named: str) -> None:
    bob = world.person("bob")
    assert [named] == list(fields(world.send("PUT", PATH, bob, json=body)))
    assert [MAILBOX] == ways(world, bob)


def test_everybody_sees_which_kinds_there_are(world: World) -> None:
    """Browsers are subscribed, not filled in."""
    kinds = [kind["kind"] for kind in data(world.send("GET", "/api/channels/kinds", world.person("bob")))]
    assert ["email", "webhook", "pushover", "apprise"] == kinds
    push = {"name": "x", "kind": "web_push", "settings": SUBSCRIPTION["keys"] | {"endpoint": SUBSCRIPTION["endpoint"]}}
    assert ["kind"] == list(fields(world.send("POST", "/api/channels", world.admin, json=push)))


def test_a_browser_is_subscribed_and_unsubscribed(any_world: World) -> None:
    bob = any_world.person("bob")
    added = data(any_world.send("POST", "/api/auth/me/push", bob, json=SUBSCRIPTION | {"label": "Firefox"}))
    hidden = {"endpoint": "***", "p256dh": "***", "auth": "***"}
    assert ("web_push", hidden | {"label": "Firefox"}) == (added["kind"], added["settings"])
    again = data(any_world.send("POST", "/api/auth/me/push", bob, json=SUBSCRIPTION | {"label": "Firefox"}))
    assert added == again
    assert ["mail", "web_push"] == [way["kind"] for way in ways(any_world, bob)]
    address = {"endpoint": SUBSCRIPTION["endpoint"]}
    for _ in range(2):
        assert 200 == any_world.send("DELETE", "/api/auth/me/push", bob, json=address).status_code
    assert ["mail"] == [way["kind"] for way in ways(any_world, bob)]


def test_a_browser_without_a_name_has_that_of_the_program(world: World) -> None:
    bob = world.person("bob")
    agent = {"User-Agent": "Mozilla/5.0 (X11)"}
    added = data(world.send("POST", "/api/auth/me/push", bob, json=SUBSCRIPTION, headers=agent))
    assert "Mozilla/5.0 (X11)" == added["settings"]["label"]


def test_a_way_that_is_not_ones_own_does_not_exist(world: World) -> None:
    [hook] = choose(world, world.person("bob"), HOOK)
    assert (404, "not_found") == refusal(world.send("POST", f"{PATH}/{hook['id']}/test", world.person("ann")))


def test_too_many_tests_are_refused(world: World) -> None:
    bob = with_address(world, "bob")
    statuses = {world.send("POST", f"{PATH}/0/test", bob).status_code for _ in range(31)}
    assert ({200, 429}, 30) == (statuses, len(world.mailer.sent))


class Subscribed:
    """bob's browser takes pushes from a service on this machine, which *answers* with a status."""

    def __init__(self, world: World, hook: Hook) -> None:
        self.world = world
        self.hook = hook
        self.answers = 201
        policy(world)
        self.bob: Person = world.person("bob")
        key = data(world.send("GET", "/api/push/key", self.bob))["key"]
        self.browser = Browser(f"http://127.0.0.1:{hook.port}/push/b1", key)
        data(world.send("POST", "/api/auth/me/push", self.bob, json=self.browser.subscription))
        self.host = host(world, "192.0.2.1", self.bob)

    @property
    def way(self) -> Json:
        return next(way for way in ways(self.world, self.bob) if way["kind"] == "web_push")

    def pushed(self) -> list[Json]:
        found = [self.browser.opened(received) for received in self.hook.received]
        assert all(self.browser.claims(received)["sub"] == BASE for received in self.hook.received)
        return found


@pytest.fixture
def subscribed(new_world: NewWorld) -> Iterator[Subscribed]:
    with serving(Hook(lambda _path: (found.answers, {}, b""))) as hook:
        loopback = tuple(networks(["127.0.0.0/8"]))
        found = Subscribed(new_world(base_url=BASE, allowed_destinations=loopback), hook)
        yield found


def test_a_push_arrives_and_its_link_acknowledges_and_proves_the_way(subscribed: Subscribed) -> None:
    world = subscribed.world
    subscribed.host.reports(90)
    deliver(world)
    [shown] = subscribed.pushed()
    [alert] = alerts(world)
    assert (f"{BASE}/alerts/{alert['id']}", "critical") == (shown["link"], shown["level"])
    before = subscribed.way["confirmed_at"]
    answer = world.send("POST", shown["ack_link"].removeprefix(BASE), content=b"", address="203.0.113.9")
    assert 200 == answer.status_code
    assert ["bob"] == [each["acknowledged_by"] for each in alerts(world)]
    assert (None, True) == (before, subscribed.way["confirmed_at"] is not None)
    [way] = [way for way in _of_user(world, "bob") if way["kind"] == "web_push"]
    assert way["confirmed_at"] is not None


def test_a_subscription_that_has_ended_stays_and_is_shown(subscribed: Subscribed) -> None:
    world = subscribed.world
    subscribed.answers = 410
    subscribed.host.reports(90)
    deliver(world)
    assert "the subscription has ended" == subscribed.way["failed"]
    parked = data(world.send("GET", "/api/notifications", world.admin, params={"delivery": "parked"}))
    assert [("bob (web_push)", "the subscription has ended")] == [(n["recipient"], n["last_error"]) for n in parked]
    subscribed.answers = 201
    assert data(world.send("POST", f"{PATH}/{subscribed.way['id']}/test", subscribed.bob))["sent"]
    assert "" == subscribed.way["failed"]


def _of_user(world: World, name: str) -> list[Json]:
    users = data(world.send("GET", "/api/users", world.admin))
    found: list[Json] = next(user for user in users if user["username"] == name)["ways"]
    return found
