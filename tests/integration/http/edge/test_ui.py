"""The built screen as browsers get it: a small one replaces the real build."""

import gzip
import hashlib
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import httpx
import pytest

from tests.integration.http.conftest import NewWorld
from tests.integration.http.world import World, agent, report

PAGE = '<!doctype html><title>monitor</title><script type="module" src="/assets/index-4f2a.js"></script>'
SCRIPT = "export const answer = 42;\n" * 100
HTML = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}


def build(folder: Path) -> Path:
    ui = folder / "ui"
    (ui / "assets").mkdir(parents=True)
    (ui / "index.html").write_text(PAGE)
    (ui / "icons").mkdir()
    (ui / "favicon.svg").write_text("<svg/>")
    (ui / "sw.js").write_text("self.skipWaiting()")
    (ui / "manifest.webmanifest").write_text("{}")
    (ui / "icons" / "icon-192.png").write_bytes(b"a picture")
    (ui / "assets" / "index-4f2a.js").write_text(SCRIPT)
    (ui / "assets" / "index-4f2a.js.gz").write_bytes(gzip.compress(SCRIPT.encode(), 9))
    (ui / "assets" / "index-4f2a.js.br").write_bytes(b"packed with brotli")
    (ui / "assets" / "style-77aa.css").write_text("body { margin: 0 }\n" * 100)
    (folder / "secret.txt").write_text("not for browsers")
    return ui


@pytest.fixture(scope="module")
def directory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build(tmp_path_factory.mktemp("built"))


@pytest.fixture(scope="module")
def ui_world(directory: Path) -> Iterator[World]:
    with closing(World(ui=directory)) as world:
        yield world


def _get(world: World, path: str, **headers: str) -> httpx.Response:
    return world.send("GET", path, headers={"Accept-Encoding": "identity"} | headers)


@pytest.mark.parametrize("path", ["/", "/servers", "/servers/7", "/alerts/1?tab=x", "/api-keys", "/agents", "/a/b/c.d"])
def test_every_address_of_the_screen_is_its_one_page(ui_world: World, path: str) -> None:
    answer = _get(ui_world, path, **HTML)
    assert (200, PAGE) == (answer.status_code, answer.text)
    assert "text/html; charset=utf-8" == answer.headers["content-type"]
    assert "no-cache" == answer.headers["cache-control"]


def test_the_start_page_needs_no_browser(ui_world: World) -> None:
    assert PAGE == _get(ui_world, "/", Accept="*/*").text


@pytest.mark.parametrize("path", ["/servers", "/favicon.ico", "/api-keys"])
def test_clients_that_ask_for_no_page_get_a_404(ui_world: World, path: str) -> None:
    answer = _get(ui_world, path, Accept="application/json, */*")
    assert (404, "not_found") == (answer.status_code, answer.json()["data"]["reason"])


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/api", 404),
        ("/api/nowhere", 404),
        ("/api/servers", 401),
        ("/healthz", 200),
        ("/readyz", 200),
        ("/metrics", 401),
        ("/schema", 200),
        ("/schema/nowhere", 404),
        ("/schema/openapi.json", 200),
        ("/agent/install.sh", 200),
        ("/agent/nowhere", 404),
        ("/ack/unknown", 404),
    ],
)
def test_other_addresses_are_not_the_screens(ui_world: World, path: str, status: int) -> None:
    """Even where a browser asks."""
    answer = _get(ui_world, path, **HTML)
    assert status == answer.status_code
    assert PAGE != answer.text


def test_reports_still_come_in(ui_world: World) -> None:
    key = ui_world.server_key(ui_world.server("192.0.2.1"))
    assert 200 == ui_world.send("POST", "/api/monitor/data", agent(key), json=report()).status_code


def test_only_get_and_head_are_answered_with_the_page(ui_world: World) -> None:
    for method in ("POST", "PUT", "DELETE"):
        assert ui_world.send(method, "/servers", headers=HTML).status_code in (404, 405)


def test_assets_are_kept_for_good(ui_world: World) -> None:
    answer = _get(ui_world, "/assets/index-4f2a.js")
    assert (200, SCRIPT) == (answer.status_code, answer.text)
    assert "text/javascript; charset=utf-8" == answer.headers["content-type"]
    assert "public, max-age=31536000, immutable" == answer.headers["cache-control"]


def test_other_files_are_asked_for_again(ui_world: World) -> None:
    answer = _get(ui_world, "/favicon.svg")
    assert ("<svg/>", "image/svg+xml", "no-cache") == (
        answer.text,
        answer.headers["content-type"],
        answer.headers["cache-control"],
    )


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/sw.js", "text/javascript; charset=utf-8"),
        ("/manifest.webmanifest", "application/manifest+json"),
        ("/icons/icon-192.png", "image/png"),
    ],
)
def test_the_app_is_of_files_of_ours_that_are_asked_for_again(ui_world: World, path: str, kind: str) -> None:
    """An old worker would show alerts as an old version did."""
    answer = _get(ui_world, path)
    assert (kind, "no-cache") == (answer.headers["content-type"], answer.headers["cache-control"])
    assert "default-src 'self'" in answer.headers["content-security-policy"]


@pytest.mark.parametrize("path", ["/assets/index-old.js", "/assets/", "/assets/index-4f2a.js.gz"])
def test_a_missing_asset_is_a_plain_404(ui_world: World, path: str) -> None:
    """The page in its place would be taken for a broken script."""
    answer = _get(ui_world, path, **HTML)
    assert (404, "Not Found\n") == (answer.status_code, answer.text)
    assert "text/plain; charset=utf-8" == answer.headers["content-type"]
    assert "cache-control" not in answer.headers


@pytest.mark.parametrize(
    "path",
    [
        "/assets/../../secret.txt",
        "/assets/..%2F..%2Fsecret.txt",
        "/assets/%2e%2e/%2e%2e/secret.txt",
        "/assets//../../secret.txt",
        "/assets/..%5C..%5Csecret.txt",
        "/..%2Fsecret.txt",
        "/%2e%2e/secret.txt",
        "//secret.txt",
        "/assets/index-4f2a.js%00.html",
    ],
)
def test_no_path_leads_out_of_the_directory(ui_world: World, path: str) -> None:
    for accept in (HTML["Accept"], "*/*"):
        answer = _get(ui_world, path, Accept=accept)
        assert "not for browsers" not in answer.text
        assert answer.status_code == 404 or answer.text == PAGE


@pytest.mark.parametrize(
    ("accepted", "coding"),
    [
        ("gzip, deflate, br, zstd", "br"),
        ("gzip", "gzip"),
        ("br;q=0, gzip;q=0.5", "gzip"),
        ("GZIP ; q=1.0", "gzip"),
        ("identity", None),
        ("gzip;q=0", None),
        ("gzip;q=nonsense", None),
        ("deflate", None),
        ("", None),
    ],
)
def test_a_compressed_file_is_sent_to_clients_that_accept_it(
    ui_world: World, accepted: str, coding: str | None
) -> None:
    headers = {"Accept-Encoding": accepted}
    answer = ui_world.send("HEAD", "/assets/index-4f2a.js", headers=headers)
    sizes = {"br": len(b"packed with brotli"), "gzip": len(gzip.compress(SCRIPT.encode(), 9)), None: len(SCRIPT)}
    assert coding == answer.headers.get("content-encoding")
    assert str(sizes[coding]) == answer.headers["content-length"]
    assert "accept-encoding" == answer.headers["vary"]


def test_files_that_the_build_did_not_compress_are_compressed_here(ui_world: World, directory: Path) -> None:
    style = (directory / "assets" / "style-77aa.css").read_text()
    answer = ui_world.send("GET", "/assets/style-77aa.css", headers={"Accept-Encoding": "gzip"})
    assert ("gzip", style) == (answer.headers["content-encoding"], answer.text)
    assert len(style) > int(answer.headers["content-length"])


def test_an_unchanged_page_is_not_sent_again(ui_world: World) -> None:
    tag = f'W/"{hashlib.sha256(PAGE.encode()).hexdigest()[:20]}"'
    assert tag == _get(ui_world, "/").headers["etag"]
    for known in (tag, tag.removeprefix("W/"), f'"other", {tag}', "*"):
        answer = _get(ui_world, "/", **{"If-None-Match": known})
        assert (304, b"", tag) == (answer.status_code, answer.content, answer.headers["etag"])
    assert 200 == _get(ui_world, "/", **{"If-None-Match": '"other"'}).status_code


@pytest.mark.parametrize("path", ["/", "/servers/7", "/api-keys", "/assets/index-4f2a.js", "/assets/gone.js"])
def test_head_answers_as_get_does_without_a_body(ui_world: World, path: str) -> None:
    head, get = (ui_world.send(method, path, headers=HTML) for method in ("HEAD", "GET"))
    assert (get.status_code, get.headers, b"") == (head.status_code, head.headers, head.content)


@pytest.mark.parametrize("path", ["/", "/servers/7", "/assets/index-4f2a.js", "/assets/gone.js"])
def test_the_page_may_load_and_run_only_what_is_ours(ui_world: World, path: str) -> None:
    headers = _get(ui_world, path, **HTML).headers
    rules = dict(rule.strip().split(" ", 1) for rule in headers["content-security-policy"].split(";"))
    assert {
        "default-src": "'self'",
        "img-src": "'self' data: blob:",
        "object-src": "'none'",
        "base-uri": "'none'",
        "form-action": "'self'",
        "frame-ancestors": "'none'",
    } == rules, "scripts, styles, fonts and connections fall to default-src: none inline, none from elsewhere"
    assert ("nosniff", "same-origin", "DENY") == (
        headers["x-content-type-options"],
        headers["referrer-policy"],
        headers["x-frame-options"],
    )
    assert "camera=()" in headers["permissions-policy"]


def test_the_documentation_keeps_its_own_policy(ui_world: World) -> None:
    assert "'unsafe-inline'" in _get(ui_world, "/schema", **HTML).headers["content-security-policy"]
    assert "blob:" not in _get(ui_world, "/ack/unknown", **HTML).headers["content-security-policy"]


def test_without_a_built_screen_the_start_page_is_the_documentation(new_world: NewWorld, tmp_path: Path) -> None:
    for world in (new_world(), new_world(ui=tmp_path / "never built")):
        answer = _get(world, "/", **HTML)
        assert (302, "/schema") == (answer.status_code, answer.headers["location"])
        assert 404 == _get(world, "/servers", **HTML).status_code
        assert 404 == _get(world, "/assets/index-4f2a.js").status_code


def test_a_file_that_a_new_build_took_away_is_gone(new_world: NewWorld, tmp_path: Path) -> None:
    directory = build(tmp_path)
    world = new_world(ui=directory)
    (directory / "assets" / "style-77aa.css").unlink()
    assert 404 == _get(world, "/assets/style-77aa.css").status_code
