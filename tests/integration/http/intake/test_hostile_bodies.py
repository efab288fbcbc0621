"""Whatever a client sends, it gets the envelope, and a 4xx rather than a 500; nothing of it is stored."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from monitor.adapters.http.edge.decoding import MAX_BODY
from tests.integration.http.world import Caller, World, agent

SERVER = {"server_name": "new", "ip_address": "192.0.2.99"}


@pytest.fixture(scope="module")
def calm_key(calm_world: World) -> Caller:
    return agent(calm_world.server_key(calm_world.server("192.0.2.1")))


def ways(world: World, key: Caller) -> list[tuple[str, Caller]]:
    """A handler of the framework, a handler of a union of bodies, and intake's own two routes."""
    return [
        ("/api/servers", world.admin),
        ("/api/servers/batch", world.admin),
        ("/api/monitor/data", key),
        ("/api/monitor/data/batch", key),
    ]


BROKEN = {
    "no body": b"",
    "cut short": b'{"server_name": "a',
    "trailing": b"{} {}",
    "text": b"hello",
    "single quotes": b"{'a': 1}",
    "byte order mark": b"\xef\xbb\xbf{}",
    "invalid UTF-8": b'{"server_name": "\xff", "ip_address": "192.0.2.9", "ip": "\xff"}',
    "lone surrogate": rb'{"server_name": "\ud800", "ip_address": "\udc00"}',
    "NaN": b'{"metrics": {"cpu_value": NaN, "memory_value": 1, "disk_value": 1}, "server_name": NaN}',
    "Infinity": b'{"metrics": {"cpu_value": Infinity}}',
    "1e999": b'{"metrics": {"cpu_value": 1e999, "memory_value": 1, "disk_value": 1}}',
    "array": b"[]",
    "null": b"null",
    "number": b"1",
    "deep arrays": b"[" * 100_000 + b"]" * 100_000,
    "deep objects": b'{"a":' * 100_000 + b"1" + b"}" * 100_000,
    "deep in a known field": b'{"samples":' + b"[" * 100_000 + b"]" * 100_000 + b"}",
    "deep in an item": b'{"samples":[{"metrics":' + b'{"e":' * 100_000 + b"1" + b"}" * 100_000 + b"}]}",
    "broken behind a bad item": b'{"samples":[{"metrics":1}, {"metrics": tru',
    "bad UTF-8 behind a bad item": b'{"samples":[{"metrics":1}, {"metrics":"\xff"}], "\xff": 1}',
    "UTF-16": '{"a": 1}'.encode("utf-16"),
    "NULs": b"\0" * 100,
}


@pytest.mark.parametrize("body", BROKEN.values(), ids=BROKEN)
def test_an_invalid_body_is_a_400(calm_world: World, calm_key: Caller, body: bytes) -> None:
    for path, caller in ways(calm_world, calm_key):
        answer = calm_world.send("POST", path, caller, content=body)
        assert 400 == answer.status_code, (path, answer.text)
        assert answer.json()["data"]["reason"] in ("invalid_json", "invalid_input")
    assert [] == calm_world.send("GET", "/api/monitor/data", calm_world.admin).json()["data"]


def test_the_last_of_two_equal_names_counts(world: World) -> None:
    """As in every JSON library that people use; what matters is that one answer and one value come of it."""
    body = b'{"server_name": "first", "server_name": "second", "ip_address": "192.0.2.9"}'
    answer = world.send("POST", "/api/servers", world.admin, content=body)
    assert "second" == answer.json()["data"]["server_name"]


def test_unknown_fields_are_named(calm_world: World, calm_key: Caller) -> None:
    bodies: list[Any] = [
        SERVER | {"surprise": 1},
        {"action": "delete", "server_ids": [1], "surprise": 1},
        {"metrics": {"cpu_value": 1, "memory_value": 1, "disk_value": 1}, "surprise": 1},
        {"samples": [], "surprise": 1},
    ]
    for (path, caller), body in zip(ways(calm_world, calm_key), bodies, strict=True):
        answer = calm_world.send("POST", path, caller, json=body)
        assert (400, {"surprise": "未知字段"}) == (answer.status_code, answer.json()["data"]["fields"]), path
        assert "surprise" in answer.json()["msg"]


WRONG: list[tuple[str, Any]] = [
    ("port", "22"),
    ("port", True),
    ("port", 22.5),
    ("port", None),
    ("port", 0),
    ("port", 65536),
    ("port", -1),
    ("port", 10**30),
    ("server_name", 5),
    ("server_name", None),
    ("server_name", ""),
    ("server_name", "   "),
    ("server_name", "x" * 101),
    ("server_name", "x" * 100_000),
    ("server_name", "a\nb"),
    ("server_name", "a\0b"),
    ("server_name", "a\u202eb"),
    ("ip_address", "300.1.1.1"),
    ("ip_address", "192.0.2.1/24"),
    ("ip_address", "fe80::1%eth0"),
    ("ip_address", ""),
    ("ip_address", 3221225985),
    ("ip_address", "example.com"),
    ("user_ids", "1"),
    ("user_ids", [True]),
    ("user_ids", ["1"]),
    ("user_ids", [0]),
    ("user_ids", [-1]),
    ("user_ids", [2**31]),
    ("user_ids", [10**30]),
    ("user_ids", [77]),
    ("user_ids", {}),
    ("tags", ["a;b"]),
    ("tags", [""]),
    ("tags", ["x" * 51]),
    ("tags", [f"t{number}" for number in range(21)]),
    ("tags", [1]),
    ("status", "online"),
]


@pytest.mark.parametrize(("field", "value"), WRONG, ids=lambda value: repr(value)[:30])
def test_a_wrong_value_is_a_400_that_names_its_field(calm_world: World, field: str, value: Any) -> None:
    answer = calm_world.send("POST", "/api/servers", calm_world.admin, json=SERVER | {field: value})
    assert (400, "invalid_input") == (answer.status_code, answer.json()["data"]["reason"])
    assert [field] == [name.partition("[")[0] for name in answer.json()["data"]["fields"]]
    listed = calm_world.send("GET", "/api/servers", calm_world.admin).json()["data"]
    assert {server["ip_address"] for server in listed} <= {"192.0.2.1"}


@pytest.mark.parametrize("field", ["server_name", "ip_address"])
def test_a_missing_value_is_named(calm_world: World, field: str) -> None:
    body = {name: value for name, value in SERVER.items() if name != field}
    answer = calm_world.send("POST", "/api/servers", calm_world.admin, json=body)
    assert {field: "必填"} == answer.json()["data"]["fields"]


def test_names_may_be_as_long_as_the_seeds_columns(world: World) -> None:
    server = world.send("POST", "/api/servers", world.admin, json=SERVER | {"server_name": "服" * 100, "port": 65535})
    assert ("服" * 100, 65535) == (server.json()["data"]["server_name"], server.json()["data"]["port"])
    for length, status in ((50, 200), (51, 400)):
        body = {"username": "名" * length, "password": "a fine password"}
        assert status == world.send("POST", "/api/users", world.admin, json=body).status_code


PASSWORDS = {"": 400, "x" * 7: 400, "x" * 8: 200, "y" * 128: 200, "x" * 129: 400, "someone": 400, "a\0bcdefgh": 400}


@pytest.mark.parametrize(("password", "status"), PASSWORDS.items(), ids=range(len(PASSWORDS)))
def test_passwords_have_8_to_128_characters(world: World, password: str, status: int) -> None:
    body = {"username": "someone1", "password": password}
    assert status == world.send("POST", "/api/users", world.admin, json=body).status_code


def test_a_common_password_is_for_the_documented_user_only_and_flagged(world: World) -> None:
    body = {"username": "a", "password": "password123"}
    assert world.send("POST", "/api/users", world.admin, json=body).json()["data"]["has_common_password"] is True
    for more in ({"role": "admin"}, {"password": "iloveyou"}, {"password": "Sunshine2026!"}):
        refused = world.send("POST", "/api/users", world.admin, json=body | {"username": "b"} | more)
        assert (400, {"password": "密码过于常见"}) == (refused.status_code, refused.json()["data"]["fields"])


PATHS_WITH_ID: list[tuple[str, str, Any]] = [
    ("GET", "/api/servers/{}", None),
    ("PUT", "/api/servers/{}", {}),
    ("DELETE", "/api/servers/{}", None),
    ("POST", "/api/servers/{}/users", {"user_ids": []}),
    ("PUT", "/api/servers/{}/tags", {"tags": []}),
    ("GET", "/api/servers/{}/series", None),
    ("DELETE", "/api/api-keys/{}", None),
    ("PUT", "/api/users/{}", {}),
    ("DELETE", "/api/users/{}", None),
    ("DELETE", "/api/auth/sessions/{}", None),
]
IDS = [
    "0",
    "-1",
    "2147483647",
    "2147483648",
    "9223372036854775808",
    "1" + "0" * 30,
    "9" * 5000,
    "1.5",
    "abc",
    "%00",
    "1_000_000_000",
]


def test_nothing_is_found_under_an_impossible_id(any_world: World) -> None:
    """On the real databases too, whose integers end somewhere."""
    for number in IDS:
        for method, path, body in PATHS_WITH_ID:
            answer = any_world.send(method, path.format(number), any_world.admin, json=body)
            assert (404, "not_found") == (answer.status_code, answer.json()["data"]["reason"]), (method, path, number)


@pytest.mark.parametrize("number", [0, -1, 2**31, 2**63, 10**30])
def test_an_impossible_id_in_a_body_is_a_400(calm_world: World, number: int) -> None:
    requests: list[tuple[str, Any]] = [
        ("/api/api-keys", {"name": "a", "server_id": number}),
        ("/api/servers/batch", {"action": "delete", "server_ids": [number]}),
        ("/api/servers/batch", {"action": "link_users", "server_ids": [1], "user_ids": [number]}),
        ("/api/servers", SERVER | {"user_ids": [number]}),
    ]
    for path, body in requests:
        assert 400 == calm_world.send("POST", path, calm_world.admin, json=body).status_code, path
    assert 400 == calm_world.send("GET", f"/api/monitor/data?server_id={number}", calm_world.admin).status_code


async def chunks(body: bytes) -> AsyncIterator[bytes]:
    """Sent without a Content-Length."""
    for start in range(0, len(body), 65_536):
        yield body[start : start + 65_536]


def test_a_body_over_one_megabyte_is_a_413(calm_world: World, calm_key: Caller) -> None:
    """Whether its length is announced or not; one byte less is read."""
    for path, caller in [*ways(calm_world, calm_key), ("/api/servers/import", calm_world.admin)]:
        headers = {"Content-Type": "text/csv"} if path.endswith("import") else {}
        for size, statuses in ((MAX_BODY, {400}), (MAX_BODY + 1, {413}), (5 * MAX_BODY, {413})):
            body = b" " * size
            for content in (body, chunks(body)):
                answer = calm_world.send("POST", path, caller, content=content, headers=headers)
                assert answer.status_code in statuses, (path, size, answer.text)


def test_an_upload_over_one_megabyte_is_a_413(calm_world: World) -> None:
    files = {"file": ("servers.csv", b" " * MAX_BODY, "text/csv")}
    assert 413 == calm_world.send("POST", "/api/servers/import", calm_world.admin, files=files).status_code


@pytest.mark.parametrize(
    ("kind", "is_good"),
    [
        ("application/json", True),
        ("Application/JSON; charset=utf-8", True),
        (None, True),
        ("application/x-www-form-urlencoded", False),
        ("text/plain", False),
        ("application/xml", False),
        ("", False),
        ("application/jsonx", False),
    ],
)
def test_a_body_of_another_kind_is_a_415(calm_world: World, calm_key: Caller, kind: str | None, is_good: bool) -> None:
    """A form of another site can send none of these without asking first; a missing type is taken for JSON."""
    headers = {} if kind is None else {"Content-Type": kind}
    for path, caller in ways(calm_world, calm_key):
        answer = calm_world.send("POST", path, caller, content=b"{}", headers=headers)
        assert (400 if is_good else 415) == answer.status_code, (path, answer.text)
