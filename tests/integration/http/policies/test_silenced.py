"""Active silences are shown with their server, and changes of them in the live stream."""

from typing import Any

from tests.integration.http.alerts.alarms import data
from tests.integration.http.served import Served
from tests.integration.http.world import Person, World

LATER = "2030-01-01 13:00:00"


def silence(world: World | Served, by: Person, **body: Any) -> dict[str, Any]:
    found: dict[str, Any] = data(world.send("POST", "/api/silences", by, json={"scope": {}, "ends_at": LATER} | body))
    return found


def silenced(world: World, by: Person) -> dict[int, list[dict[str, Any]]]:
    """Return the silences by server, which are the same in the list and alone."""
    rows = data(world.send("GET", "/api/servers", by))
    for row in rows:
        assert row["silenced"] == data(world.send("GET", f"/api/servers/{row['id']}", by))["silenced"]
    return {row["id"]: row["silenced"] for row in rows}


def test_a_server_shows_its_active_silences(world: World) -> None:
    bob = world.person("bob")
    one, other = world.server("192.0.2.1", bob), world.server("192.0.2.2")
    world.send("PUT", f"/api/servers/{other}/tags", world.admin, json={"tags": ["db"]})
    silence(world, bob, scope={"server_id": one}, metric="cpu", reason="a new fan")
    silence(world, world.admin, scope={"tag": "db"}, ends_at="2030-01-01 12:05:00")
    assert {
        one: [
            {
                "id": 1,
                "scope": {"server_id": one},
                "metric": "cpu",
                "until": LATER,
                "reason": "a new fan",
                "recurring": False,
                "created_by": "bob",
            }
        ],
        other: [
            {
                "id": 2,
                "scope": {"tag": "db"},
                "metric": None,
                "until": "2030-01-01 12:05:00",
                "reason": "",
                "recurring": False,
                "created_by": "admin",
            }
        ],
    } == silenced(world, world.admin)
    assert [one] == list(silenced(world, bob))
    world.later(seconds=300)
    assert [1, 0] == [len(found) for found in silenced(world, world.admin).values()]
    data(world.send("DELETE", "/api/silences/1", bob))
    assert {one: []} == silenced(world, bob)


def test_a_recurring_silence_is_shown_only_while_it_is_active(world: World) -> None:
    """From 12:05 to 12:10 each day."""
    server = world.server("192.0.2.1")
    daily = {"weekdays": [0, 1, 2, 3, 4, 5, 6], "starts": "12:05", "duration": 300, "zone": "UTC"}
    silence(world, world.admin, ends_at="2031-01-01 00:00:00", recurrence=daily)
    seen = []
    for seconds in (0, 299, 1, 299, 1):
        world.later(seconds=seconds)
        seen.append([(each["until"], each["recurring"]) for each in silenced(world, world.admin)[server]])
    acting = [("2030-01-01 12:10:00", True)]
    assert [[], [], acting, acting, []] == seen


def test_users_see_silences_that_cover_their_servers(world: World) -> None:
    bob = world.person("bob")
    own = world.server("192.0.2.1", bob)
    hidden = world.server("192.0.2.2")
    data(world.send("PUT", f"/api/servers/{own}/tags", bob, json={"tags": ["web"]}))
    scopes: list[dict[str, Any]] = [{"server_id": own}, {"server_id": hidden}, {"tag": "web"}, {"tag": "db"}, {}]
    for scope in scopes:
        silence(world, world.admin, scope=scope)
    assert [1, 3, 5] == [each["id"] for each in data(world.send("GET", "/api/silences", bob))]
    assert [1, 3, 5] == [each["id"] for each in silenced(world, bob)[own]]
    assert [] == data(world.send("GET", "/api/silences", world.person("ann")))


def test_a_stream_reports_when_a_silence_begins_and_ends(served: Served) -> None:
    """Nothing else changes at that moment, and no host reports."""
    world = served.world
    bob = world.person("bob")
    own, hidden = world.server("192.0.2.1", bob), world.server("192.0.2.2")
    with served.stream(bob) as events:
        events.until("servers", lambda rows: rows == [own])
        for server in (hidden, own):
            silence(
                served,
                world.admin,
                scope={"server_id": server},
                starts_at="2030-01-01 12:05:00",
                ends_at="2030-01-01 12:10:00",
            )
        world.later(seconds=300)
        [change], before = events.until("silenced")
        assert (own, "2030-01-01 12:10:00") == (change["server_id"], change["silenced"][0]["until"])
        assert str(hidden) not in str([rows for name, rows in before if name == "silenced"])
        world.later(seconds=300)
        assert [{"server_id": own, "silenced": []}] == events.until("silenced")[0]


def test_a_list_of_servers_does_not_grow_with_the_silences_on_each(world: World) -> None:
    ids = [world.server(f"192.0.2.{number}") for number in range(1, 6)]
    made = [silence(world, world.admin, ends_at=f"2030-01-01 13:{minute:02}:00")["id"] for minute in range(30)]
    assert dict.fromkeys(ids, made[-10:]) == {
        id_: [s["id"] for s in on] for id_, on in silenced(world, world.admin).items()
    }
    assert 30 == len(data(world.send("GET", "/api/silences", world.admin)))
