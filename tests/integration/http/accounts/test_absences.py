"""Quiet hours and absences on one's own account."""

from typing import Any

import pytest

from tests.integration.http.world import Json, World

QUIET: Json = {"from": "22:00", "to": "07:00", "timezone": "Europe/Berlin", "level": "critical"}
AWAY: Json = {"starts_at": "2030-02-01 00:00:00", "ends_at": "2030-02-08 00:00:00"}


def change(world: World, caller: Any, **body: Any) -> Any:
    return world.send("PUT", "/api/auth/me", caller, json=body)


def me(world: World, caller: Any) -> Json:
    found: Json = world.send("GET", "/api/auth/me", caller).json()["data"]
    return {name: found[name] for name in ("quiet", "away")}


def test_they_are_set_and_ended(any_world: World) -> None:
    world = any_world
    ann = world.person("ann")
    assert {"quiet": None, "away": []} == me(world, ann)
    earlier = {"starts_at": "2030-01-05 00:00:00", "ends_at": "2030-01-06 00:00:00"}
    answer = change(world, ann, quiet=QUIET, away=[earlier, AWAY])
    assert 200 == answer.status_code, answer.text
    assert {"quiet": QUIET, "away": [earlier, AWAY]} == me(world, ann)
    change(world, ann, locale="en")
    assert {"quiet": QUIET, "away": [earlier, AWAY]} == me(world, ann)
    change(world, ann, quiet={name: QUIET[name] for name in ("from", "to", "timezone")} | {"to": "08:00"})
    assert QUIET | {"to": "08:00"} == me(world, ann)["quiet"]
    change(world, ann, quiet=None, away=[])
    assert {"quiet": None, "away": []} == me(world, ann)
    first, *_ = world.store.queries.audit.newest(world.admin.actor, limit=1)
    assert (
        'quiet: "22:00-08:00 Europe/Berlin, below critical" -> null, '
        'away: ["2030-01-05 00:00:00 - 2030-01-06 00:00:00", "2030-02-01 00:00:00 - 2030-02-08 00:00:00"] -> []'
    ) == first.detail


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"quiet": QUIET | {"from": "24:00"}}, "quiet.from"),
        ({"quiet": QUIET | {"to": "7"}}, "quiet.to"),
        ({"quiet": QUIET | {"to": "22:00"}}, "quiet.to"),
        ({"quiet": QUIET | {"timezone": "Nowhere"}}, "quiet.timezone"),
        ({"quiet": QUIET | {"level": "all"}}, "quiet.level"),
        ({"quiet": {"from": "22:00"}}, "quiet.to"),
        ({"away": [AWAY, {"starts_at": "x", "ends_at": "2030-02-08 00:00:00"}]}, "away.1.starts_at"),
        ({"away": [AWAY | {"ends_at": AWAY["starts_at"]}]}, "away.0.ends_at"),
        ({"away": [{"starts_at": "2029-12-01 00:00:00", "ends_at": "2030-01-01 12:00:00"}]}, "away.0.ends_at"),
        ({"away": [AWAY] * 101}, "away"),
        ({"away": None}, "away"),
    ],
)
def test_a_bad_field_is_named(calm_world: World, body: Json, field: str) -> None:
    answer = change(calm_world, calm_world.admin, **body)
    assert (400, [field]) == (answer.status_code, list(answer.json()["data"]["fields"])), answer.text


def test_an_absence_stays_when_it_is_over(world: World) -> None:
    """A client that sends all of them back is not refused."""
    today = {"starts_at": "2030-01-01 00:00:00", "ends_at": "2030-01-01 18:00:00"}
    ann = world.person("ann")
    assert 200 == change(world, ann, away=[today]).status_code
    world.later(days=1)
    ann = world.log_in("ann")
    assert 200 == change(world, ann, away=[today, AWAY]).status_code
    assert [today, AWAY] == me(world, ann)["away"]
