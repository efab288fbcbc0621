"""What generated clients rely on: names, ids, and which fields are always there."""

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from tests.integration.http.world import Json, World

SCRIPT = Path(__file__).parents[4] / "scripts" / "openapi"
SOMETIMES_ABSENT = {
    "AlertOut": {"processes"},
    "ApiKeyOut": {"key"},
    "Asked": {"method", "headers", "body", "redirects", "ca"},
    "AskedHeader": {"value", "secret"},
    "BatchResult": {"reason"},
    "Dependency": {"server_id", "check_id", "name"},
    "DependencySuggestionOut": {"server_id", "check_id", "name"},
    "ExpectIn": {"status", "text", "record", "statuses", "pattern", "json_path", "json_value"},
    "IncidentEntryOut": {"level", "value", "username", "recipient", "channel", "note"},
    "KnownPasskey": {"transports"},
    "LastResort": {"user_id", "channel_id"},
    "PersonalTokenOut": {"token"},
    "QuietBody": {"level"},
    "RecentServerOut": {"cpu", "memory", "disk"},
    "ScopeOut": {"check_id", "check_in_id", "server_id", "tag"},
    "ScopeOfChannel": {"tag", "team_id", "server_ids", "check_ids"},
    "TargetBody": {"user_id", "team_id", "rota_id", "channel_id", "linked"},
    "ServerGroup": {"server_ids", "states", "values"},
    "StatsOut": {"latest_data", "never_reported"},
    "TimelineOut": {"level", "value", "username", "recipient", "channel", "note"},
}
"""By design: what is shown once, was not asked for, does not apply, or has a default where it is sent. All else in an
answer is always there."""


@pytest.fixture(scope="module")
def document(calm_world: World) -> Json:
    found: Json = calm_world.send("GET", "/schema/openapi.json").json()
    return found


@cache
def _printed() -> str:
    return subprocess.run([sys.executable, str(SCRIPT)], capture_output=True, text=True, check=True).stdout


def _operations(document: Json) -> list[tuple[str, str, Json]]:
    return [(path, method, found) for path, item in document["paths"].items() for method, found in item.items()]


def _references(part: Any) -> Iterator[str]:
    if isinstance(part, dict):
        for key, value in part.items():
            if key == "$ref":
                yield value.rpartition("/")[2]
            else:
                yield from _references(value)
    elif isinstance(part, list):
        for value in part:
            yield from _references(value)


def test_the_script_prints_what_the_server_serves(document: Json) -> None:
    assert document == json.loads(_printed())


def test_the_printed_document_is_in_order_so_that_a_difference_is_a_change() -> None:
    assert json.dumps(json.loads(_printed()), indent=2, sort_keys=True, ensure_ascii=False) + "\n" == _printed()


def test_every_schema_has_a_readable_name_and_is_used(document: Json) -> None:
    schemas = document["components"]["schemas"]
    assert [] == [name for name in schemas if not re.fullmatch("[A-Z][A-Za-z]+", name)]
    assert {name: name for name in schemas} == {name: schema["title"] for name, schema in schemas.items()}
    assert set(schemas) == set(_references(document))


def test_an_answer_is_named_after_what_it_holds(document: Json) -> None:
    def answer(method: str, path: str) -> str:
        content: Json = document["paths"][path][method]["responses"]["200"]["content"]
        return next(_references(content))

    assert "AlertOutListEnvelope" == answer("get", "/api/alerts")
    assert "AlertDetailEnvelope" == answer("get", "/api/alerts/{alert_id}")
    assert "NullEnvelope" == answer("delete", "/api/users/{user_id}")
    assert "BacktestOutOrJobOutEnvelope" == answer("post", "/api/alert-policies/backtest")
    assert "LiveEvents" == answer("get", "/api/live")


def test_operations_are_called_after_their_routes(document: Json) -> None:
    ids = {f"{method} {path}": found["operationId"] for path, method, found in _operations(document)}
    assert "putAlertPoliciesPolicyId" == ids["put /api/alert-policies/{policy_id}"]
    assert len(ids) == len(set(ids.values()))


def test_a_body_that_may_be_left_out_says_so(document: Json) -> None:
    body = document["paths"]["/api/alerts/{alert_id}/ack"]["post"]["requestBody"]
    assert (["Acknowledgement"], False) == (list(_references(body)), body.get("required", False))
    login = document["paths"]["/api/auth/login"]["post"]["requestBody"]
    assert login["required"]


def test_remote_write_has_a_packed_body_and_errors_that_senders_tell_apart(document: Json) -> None:
    found = document["paths"]["/api/prometheus/write"]["post"]
    schema = found["requestBody"]["content"]["application/x-protobuf"]["schema"]
    assert ("string", "binary") == (schema["type"], schema["format"])
    [coding] = found["parameters"]
    assert ("Content-Encoding", ["snappy"]) == (coding["name"], coding["schema"]["enum"])
    assert {"204", "400", "401", "413", "415", "503", "default"} == found["responses"].keys()
    assert {"Error"} == set(_references(found["responses"]))


def test_a_body_of_several_kinds_tells_them_apart(document: Json) -> None:
    body = document["paths"]["/api/servers/batch"]["post"]["requestBody"]
    schema = document["components"]["schemas"][next(_references(body))]
    assert "action" == schema["discriminator"]["propertyName"]
    assert {kind["$ref"] for kind in schema["oneOf"]} == set(schema["discriminator"]["mapping"].values())
    assert schema["discriminator"]["mapping"]["add_tags"].endswith("/AddTagsAction")


def test_a_series_has_its_columns_and_one_more_for_each_metric(document: Json) -> None:
    series = document["components"]["schemas"]["SeriesOut"]
    assert ["resolution", "time", "coverage"] == series["required"] == list(series["properties"])
    assert ["SeriesColumn"] == list(_references(series["additionalProperties"]))


def test_fields_that_an_answer_always_has_are_required(document: Json) -> None:
    schemas, seen = document["components"]["schemas"], set[str]()
    waiting = [name for *_, found in _operations(document) for name in _references(found["responses"])]
    while waiting:
        name = waiting.pop()
        if name not in seen and name != "Error":
            seen.add(name)
            waiting += _references(schemas[name])
    optional = {
        name: set(schemas[name].get("properties", {})) - set(schemas[name].get("required", [])) for name in seen
    }
    assert SOMETIMES_ABSENT == {name: fields for name, fields in optional.items() if fields}
