"""Servers in and out as CSV."""

from typing import Any

import pytest

from tests.integration.http.world import Caller, World

HEADER = "server_name,ip_address,port,tags,users\r\n"


def upload(world: World, text: str | bytes, caller: Caller | None = None, query: str = "", **more: Any) -> Any:
    content = text if isinstance(text, bytes) else text.encode()
    headers = {"Content-Type": "text/csv"}
    path = f"/api/servers/import{query}"
    return world.send("POST", path, caller or world.admin, content=content, headers=headers, **more)


def export(world: World, caller: Caller | None = None) -> str:
    answer = world.send("GET", "/api/servers/export", caller or world.admin)
    assert ("text/csv; charset=utf-8", 'attachment; filename="servers.csv"') == (
        answer.headers["content-type"],
        answer.headers["content-disposition"],
    )
    return answer.text


def test_an_export_can_be_imported(any_world: World) -> None:
    world = any_world
    bob = world.person("bob; the builder")
    world.server("192.0.2.1", bob, name='Web "服务器", 1', tags=["web", "prod"])
    world.server("2001:db8::1", name="=HYPERLINK(1)")
    text = export(world)
    assert text.startswith(HEADER)
    assert "'=HYPERLINK(1)" in text
    unchanged = upload(world, text).json()["data"]
    assert (0, 0, 2) == (unchanged["created"], unchanged["updated"], unchanged["unchanged"])

    before = world.send("GET", "/api/servers", world.admin).json()["data"]
    for server in before:
        world.send("DELETE", f"/api/servers/{server['id']}", world.admin)
    assert 2 == upload(world, text).json()["data"]["created"]
    after = world.send("GET", "/api/servers", world.admin).json()["data"]
    assert [server | {"id": 0} for server in before] == [server | {"id": 0} for server in after]


def test_a_known_address_is_updated(any_world: World) -> None:
    world = any_world
    server_id = world.server("192.0.2.1", name="old")
    done = upload(world, HEADER + "new,192.0.2.1,2222,web;prod,admin\r\nother,192.0.2.2,,,\r\n").json()["data"]
    assert (1, 1, False) == (done["created"], done["updated"], done["dry_run"])
    assert ["server_name", "port", "tags", "users"] == done["lines"][0]["changes"]
    changed = world.send("GET", f"/api/servers/{server_id}", world.admin).json()["data"]
    assert done["lines"][0]["server"] == changed
    assert ("new", 2222, ["prod", "web"]) == (changed["server_name"], changed["port"], changed["tags"])


def test_a_dry_run_changes_nothing(world: World) -> None:
    text = HEADER + "new,192.0.2.1,22,,\r\n"
    preview = upload(world, text, query="?dry_run=true").json()
    assert (True, 1, "create") == (
        preview["data"]["dry_run"],
        preview["data"]["created"],
        preview["data"]["lines"][0]["action"],
    )
    assert HEADER == export(world)
    for query, status in (("?dry_run=1", 200), ("?dry_run=maybe", 400)):
        assert status == upload(world, text, query=query).status_code


def test_it_is_all_or_nothing_and_each_bad_line_is_named(any_world: World) -> None:
    world = any_world
    eve = world.person("eve")
    world.server("192.0.2.50")
    lines = ["good,192.0.2.1,22,,", "bad ip,300.0.0.1,22,,", "bad port,192.0.2.2,99999,,", "twice,192.0.2.1,22,,"]
    lines += ["taken,192.0.2.50,22,,", "nobody,192.0.2.3,22,,nobody", "too,few", ",192.0.2.4,22,,"]
    answer = upload(world, HEADER + "\r\n".join(lines), eve)
    assert 400 == answer.status_code
    assert [
        "line 3.ip_address",
        "line 4.port",
        "line 5.ip_address",
        "line 6.ip_address",
        "line 7.users",
        "line 8.columns",
        "line 9.server_name",
    ] == list(answer.json()["data"]["fields"])
    assert "已被占用" == answer.json()["data"]["fields"]["line 6.ip_address"]
    assert HEADER == export(world, eve)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "a,b\r\n",
        "server_name\r\n",
        HEADER.replace("port", "prt"),
        HEADER.replace("port", "tags"),
        HEADER + '"never closed',
        HEADER + '"a"b,192.0.2.1,22,,\r\n',
        HEADER.encode("utf-16"),
        b"\xff\xfe\x00",
        HEADER + "a\0b,192.0.2.1,22,,",
        HEADER + "x" * 200_000 + ",192.0.2.1,22,,",
    ],
    ids=range(11),
)
def test_an_invalid_csv_is_a_400(calm_world: World, text: str | bytes) -> None:
    assert (400, "invalid_input") == ((answer := upload(calm_world, text)).status_code, answer.json()["data"]["reason"])


def test_a_byte_order_mark_and_other_line_ends_are_fine(world: World) -> None:
    assert 1 == upload(world, b"\xef\xbb\xbf" + b"ip_address,server_name\nA::1,six\n").json()["data"]["created"]


def test_a_multipart_upload_is_accepted(world: World) -> None:
    files = {"file": ("servers.csv", (HEADER + "new,192.0.2.1,22,,\r\n").encode(), "text/csv")}
    answer = world.send("POST", "/api/servers/import?dry_run=true", world.admin, files=files)
    assert 1 == answer.json()["data"]["created"]


BOUNDARY = "multipart/form-data; boundary=x"


@pytest.mark.parametrize(
    ("kind", "content", "status"),
    [
        (BOUNDARY, b"", 400),
        (BOUNDARY, b"nonsense", 400),
        (BOUNDARY, b'--x\r\nContent-Disposition: form-data; name="other"; filename="a"\r\n\r\na\r\n--x--\r\n', 400),
        (BOUNDARY, b'--x\r\nContent-Disposition: form-data; name="file"\r\n\r\ntext\r\n--x--\r\n', 400),
        (BOUNDARY, b'--x\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\n\xff\r\n--x--\r\n', 400),
        (
            BOUNDARY,
            b'--x\r\nContent-Disposition: form-data; name="a"\r\nContent-Type: a/b; charset=zz\r\n\r\na\r\n--x--\r\n',
            400,
        ),
        (BOUNDARY, b'--x\r\nContent-Disposition: form-data; name="a"\r\n\r\n\xff\r\n--x--\r\n', 400),
        (BOUNDARY, b'--x\r\nContent-Disposition: form-data; name="a"\r\n\r\nb\r\n' * 2000 + b"--x--\r\n", 400),
        ("multipart/form-data", b"--x--\r\n", 400),
        ("multipart/form-data; boundary=", b"--x--\r\n", 400),
        ("application/json", b"{}", 415),
        ("application/x-www-form-urlencoded", b"file=a", 415),
        ("", b"", 415),
    ],
    ids=range(13),
)
def test_a_broken_upload_is_refused(calm_world: World, kind: str, content: bytes, status: int) -> None:
    headers = {"Content-Type": kind}
    answer = calm_world.send("POST", "/api/servers/import", calm_world.admin, content=content, headers=headers)
    assert status == answer.status_code, answer.text
