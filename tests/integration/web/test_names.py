"""The name that a browser asks by: over TLS as docs/operations.md sets it up, and one that should not lead here."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.integration.cli.running import PASSWORD, Process, ready
from tests.integration.nginx import HOST, nginx
from tests.integration.web.browser import Screen, launched, screen

pytestmark = pytest.mark.nightly

ORIGIN = f"https://{HOST}"


@contextmanager
def mapping(browser: Browser, name: str, place: str) -> Iterator[Browser]:
    """A browser for whom *name* leads to *place*."""
    with launched(browser.browser_type, f"--host-resolver-rules=MAP {name} {place}") as mapped:
        yield mapped


@pytest.fixture
def over_tls(built_screen: None, browser: Browser, tmp_path: Path) -> Iterator[Screen]:
    settings = {"MONITOR_BASE_URL": ORIGIN, "MONITOR_TRUSTED_PROXIES": "127.0.0.1"}
    with ready(tmp_path, "serve", **settings) as running:
        running.start()
        with (
            nginx(tmp_path, running.port) as port,
            mapping(browser, f"{HOST}:443", f"127.0.0.1:{port}") as mapped,
            screen(mapped, ORIGIN, ignore_https_errors=True) as person,
        ):
            yield person


def test_over_tls_a_reload_keeps_who_is_logged_in(over_tls: Screen):
    over_tls.log_in("admin", PASSWORD)
    over_tls.page.reload()
    expect(over_tls.heading).to_have_text("Overview")
    held = {cookie["name"]: cookie for cookie in over_tls.context.cookies()}
    session = held["__Host-monitor_refresh"]
    assert (HOST, "/", True, True, "Strict") == tuple(
        session[key] for key in ("domain", "path", "secure", "httpOnly", "sameSite")
    )
    assert [name for name in held if not name.startswith("__Host-")] == []
    over_tls.page.get_by_role("button", name="admin", exact=True).click()
    over_tls.page.get_by_role("menuitem", name="Log out").click()
    expect(over_tls.page.get_by_role("button", name="Log in", exact=True)).to_be_visible()
    assert "__Host-monitor_refresh" not in {cookie["name"] for cookie in over_tls.context.cookies()}


def test_a_page_of_another_site_whose_name_leads_here_gets_nothing(browser: Browser, served: Process):
    evil = f"http://evil.example:{served.port}"
    with mapping(browser, "evil.example", "127.0.0.1") as mapped, screen(mapped, evil) as victim:
        victim.open("/")
        expect(victim.page.locator("body")).to_contain_text("does not go by this host name")
        logged_in = """async (password) => (await fetch('/api/auth/login', {
            method: 'POST', headers: {'Content-Type': 'application/json', 'X-Forwarded-Host': 'localhost'},
            body: JSON.stringify({username: 'admin', password})})).status"""
        assert 421 == victim.page.evaluate(logged_in, PASSWORD)
