"""Texts that no encoding takes, and bytes beyond ASCII, wherever anybody may send some: refused, never a 500."""

import itertools
import re
from collections.abc import Iterator
from typing import Any

from tests.integration.http.access_table import ROWS
from tests.integration.http.world import World

TEXTS = ["\\ud800", "\\udc00x", "x\\udfff", "\\u0000", "é", "\\ud83d\\ude00", "\x7f"]
"""As JSON writes them."""
BYTES = [b"\xff", b"\xed\xa0\x80", "é".encode()]
QUERIES = ["%ED%A0%80", "%FF", "%C3%A9", "%00", "%F0%9F%98%80", "%D8%00"]
HEADERS = [
    "Authorization",
    "Cookie",
    "X-API-Key",
    "User-Agent",
    "Accept-Language",
    "Accept",
    "If-None-Match",
    "Origin",
    "Content-Type",
    "X-Forwarded-For",
    "X-Forwarded-Proto",
    "Date",
    "Sec-Fetch-Site",
]
COOKIES = ["monitor_refresh", "monitor_device_1", "monitor_sso", "__Host-monitor_refresh"]
FORMS = {"Authorization": ["{}", "Bearer {}", "Basic {}"], "Cookie": ["{}", *(f"{name}={{}}" for name in COOKIES)]}
OPEN = {row.operation for row in ROWS if row.statuses["anonymous"] != 401} | {"GET /api/auth/me", "GET /api/live"}
OTHERS = [f"{method} {path}" for method in ("GET", "POST") for path in ("/", "/ack/{token}", "/metrics", "/login")]


def routes(document: Any) -> Iterator[tuple[str, str, Any]]:
    """Yield method, path, and what the document says of it, for what anybody may ask, or brings a token for."""
    for operation in sorted(OPEN | {"POST /api/monitor/data", "POST /api/prometheus/write"}):
        method, path = operation.split()
        yield method, path, document["paths"][path][method.lower()]
    for other in OTHERS:
        method, path = other.split()
        yield method, path, {}


def fields_of(document: Any, operation: Any) -> list[str]:
    content = operation.get("requestBody", {}).get("content", {}).get("application/json", {})
    name = content.get("schema", {}).get("$ref", "").rpartition("/")[2]
    return list(document["components"]["schemas"].get(name, {}).get("properties", {}))


def filled(path: str, text: str) -> str:
    return re.sub(r"\{\w+\}", text, path)


def check(world: World, method: str, path: str, **more: Any) -> None:
    world.later(minutes=16)  # no limit of log-ins answers instead
    answer = world.send(method, path, **more)
    assert answer.status_code < 500 or answer.json()["data"]["reason"] != "internal", (method, path, more, answer.text)


def test_in_a_body(calm_world: World) -> None:
    document = calm_world.send("GET", "/schema/openapi.json").json()
    for method, path, operation in routes(document):
        fields = fields_of(document, operation)
        for text in TEXTS if fields else ():
            body = "{" + ",".join(f'"{name}":"{text}"' for name in fields) + "}"
            check(calm_world, method, filled(path, "1"), content=body.encode())


def test_in_a_path_and_a_query(calm_world: World) -> None:
    document = calm_world.send("GET", "/schema/openapi.json").json()
    for (method, path, operation), text in itertools.product(routes(document), QUERIES):
        names = [each["name"] for each in operation.get("parameters", ()) if each["in"] == "query"]
        query = "&".join(f"{name}={text}" for name in [*names, "state", "code", "error", "iss", text])
        check(calm_world, method, f"{filled(path, text)}?{query}")


def test_in_a_header(calm_world: World) -> None:
    document = calm_world.send("GET", "/schema/openapi.json").json()
    for (method, path, _), header, value in itertools.product(routes(document), HEADERS, BYTES):
        for form in FORMS.get(header, ["{}"]):
            sent = form.replace("{}", value.decode("latin-1"))
            check(calm_world, method, filled(path, "1"), headers={header: sent})
