"""/api/audit with filters, and its export as a file."""

import csv
import io
import json
from typing import Any

import httpx
import pytest

from monitor.domain.accounts.audit import AuditEntry
from tests.integration.http.conftest import NewWorld
from tests.integration.http.world import Json, Person, World

EXPORT = "/api/audit/export"
COLUMNS = ["id", "at", "action", "target", "detail", "user_id", "username", "address"]


def listed(world: World, **params: Any) -> list[Json]:
    answer = world.send("GET", "/api/audit", world.admin, params=params)
    assert 200 == answer.status_code, answer.text
    found: list[Json] = answer.json()["data"]
    return found


def export(world: World, **params: Any) -> httpx.Response:
    answer = world.send("GET", EXPORT, world.admin, params=params)
    assert 200 == answer.status_code, answer.text
    return answer


@pytest.fixture
def ann(any_world: World) -> Person:
    """Somebody who has added two servers, a minute apart."""
    ann = any_world.person("ann")
    any_world.later(minutes=1)
    for number in (1, 2):
        body = {"server_name": f"web {number}", "ip_address": f"192.0.2.{number}", "port": 22}
        assert 200 == any_world.send("POST", "/api/servers", ann, json=body).status_code
        any_world.later(minutes=1)
    return ann


def test_entries_are_found_by_person_thing_text_and_time(any_world: World, ann: Person) -> None:
    world = any_world

    def targets(**params: Any) -> list[str]:
        return [entry["target"] for entry in listed(world, **params)]

    both = ["web 2", "web 1"]
    assert both == targets(user_id=ann.id, action="server.create")
    assert both == targets(q="AnN", start="2030-01-01 12:00:00", action="server")
    assert ["ann"] == targets(target="ann", limit=1)
    assert both == targets(username="ann", action="server")
    assert ["web 1"] == targets(q="192.0.2.1", action="server")
    assert ["web 1"] == targets(start="2030-01-01 12:01:00", end="2030-01-01 12:02:00")
    assert ["web 2"] == targets(start="2030-01-01T13:02:00+01:00", target="web 2")
    assert [] == targets(username="ann", action="server.delete")


@pytest.mark.parametrize(
    ("params", "field"),
    [
        ({"start": "yesterday"}, "start"),
        ({"end": "2030-13-01 00:00:00"}, "end"),
        ({"start": "2030-01-02 00:00:00", "end": "2030-01-02 00:00:00"}, "start"),
        ({"user_id": "ann"}, "user_id"),
        ({"user_id": 0}, "user_id"),
        ({"q": "x" * 256}, "q"),
        ({"action": "x" * 256}, "action"),
    ],
)
@pytest.mark.parametrize("path", ["/api/audit", EXPORT])
def test_an_invalid_filter_is_a_400(calm_world: World, path: str, params: Json, field: str) -> None:
    answer = calm_world.send("GET", path, calm_world.admin, params=params)
    assert (400, [field]) == (answer.status_code, list(answer.json()["data"]["fields"]))


@pytest.mark.parametrize(("path", "field"), [("/api/audit", "cursor"), (EXPORT, "format")])
def test_so_is_another_invalid_parameter(calm_world: World, path: str, field: str) -> None:
    answer = calm_world.send("GET", path, calm_world.admin, params={field: "xml"})
    assert (400, [field]) == (answer.status_code, list(answer.json()["data"]["fields"]))


def test_a_file_holds_what_the_list_shows(any_world: World, ann: Person) -> None:
    expected = listed(any_world, user_id=ann.id)
    as_csv = export(any_world, user_id=ann.id)
    rows = list(csv.reader(io.StringIO(as_csv.text, newline="")))
    assert COLUMNS == rows[0]
    assert [[str(value) for value in entry.values()] for entry in expected] == rows[1:]
    assert all(line.endswith("\r") for line in as_csv.text.split("\n")[:-1])
    as_lines = export(any_world, user_id=ann.id, format="jsonl")
    assert expected == [json.loads(line) for line in as_lines.text.splitlines()]


def test_a_file_has_a_name_with_the_date_and_is_kept_nowhere(world: World) -> None:
    for kind, file_format in (("text/csv; charset=utf-8", "csv"), ("application/x-ndjson", "jsonl")):
        headers = export(world, format=file_format).headers
        assert kind == headers["content-type"]
        assert f'attachment; filename="audit-2030-01-01.{file_format}"' == headers["content-disposition"]
        assert "no-store" == headers["cache-control"]
        assert "content-length" not in headers


def test_an_export_is_in_the_log_with_its_filters(world: World) -> None:
    export(world, username="ann", action="server")
    [entry] = listed(world, action="audit.export")
    assert ("admin", 'format: null -> "csv", username: null -> "ann", action: null -> "server"') == (
        entry["username"],
        entry["detail"],
    )
    assert entry["address"]


def test_a_formula_is_neutralised_and_a_hostile_text_stays_in_its_cell(world: World) -> None:
    with world.container.uow() as uow:
        texts = ("=1+1", "@cmd", 'a"b,c;=d', "line\r\nbreak,=x", "\u202ereversed")
        uow.audit.add(*(AuditEntry(at=world.clock.now(), action="server.create", target=each) for each in texts))
        uow.commit()
    rows = list(csv.DictReader(io.StringIO(export(world, action="server.create").text, newline="")))
    found = [row["target"] for row in reversed(rows)]
    assert ["'=1+1", "'@cmd", "a\"b,c;'=d", "line\\r\\nbreak,=x", "\\u202ereversed"] == found


def test_a_large_log_is_sent_in_pieces(new_world: NewWorld) -> None:
    """In constant memory: no piece holds more than a batch."""
    world = new_world()
    with world.container.uow() as uow:
        now = world.clock.now()
        uow.audit.add(*(AuditEntry(at=now, action="server.create", target=f"host {n}") for n in range(2500)))
        uow.commit()
    answer = export(world, format="jsonl", action="server")
    assert [f"host {n}" for n in reversed(range(2500))] == [
        json.loads(line)["target"] for line in answer.text.splitlines()
    ]
