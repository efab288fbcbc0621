"""A real OpenID provider in front of a real server, and a browser."""

import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect

from tests.integration.cli.running import Process, ready, wait_for
from tests.integration.ports import free_port
from tests.integration.web.browser import Screen

SECRET = "the secret of the tests: 100%+"


class Issuer:
    """`issuer.mjs` on a port of its own."""

    def __init__(self, port: int) -> None:
        self.address = f"http://127.0.0.1:{port}"

    def knows(self, name: str, **claims: Any) -> None:
        self._post("people", {name: {"preferred_username": name, **claims}})

    def behaves(self, **how: str) -> None:
        """As issuers should where nothing is said."""
        self._post("behaviour", how)

    def _post(self, path: str, body: dict[str, Any]) -> None:
        httpx.post(f"{self.address}/{path}", json=body, trust_env=False).raise_for_status()


@contextmanager
def issuing(origin: str) -> Iterator[Issuer]:
    port = free_port()
    node = shutil.which("node")
    assert node is not None
    script = Path(__file__).with_name("issuer.mjs")
    arguments = [node, str(script), str(port), f"{origin}/api/auth/oidc/callback", f"{origin}/login"]
    with subprocess.Popen(arguments, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as running:
        assert running.stdout is not None
        assert running.stdout.readline() == b"ready\n"
        try:
            yield Issuer(port)
        finally:
            running.kill()


class SsoServer:
    """A server with single sign-on, and its issuer."""

    def __init__(self, running: Process, issuer: Issuer) -> None:
        self.process = running
        self.issuer = issuer
        self.origin = running.origin

    def restart(self, **settings: str) -> None:
        self.process.stop()
        self.process.settings |= settings
        self.process.start()


@contextmanager
def signing_on(home: Path, **settings: str) -> Iterator[SsoServer]:
    with ready(home, "serve") as running, issuing(running.origin) as issuer:
        running.settings |= {
            "MONITOR_BASE_URL": running.origin,
            "OIDC_ISSUER": issuer.address,
            "OIDC_CLIENT_ID": "monitor",
            "OIDC_CLIENT_SECRET": SECRET,
            "OIDC_NAME": "Example",
            **settings,
        }
        running.start()
        yield SsoServer(running, issuer)


@pytest.fixture(scope="module")
def site(built_screen: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[SsoServer]:
    with signing_on(tmp_path_factory.mktemp("sso"), OIDC_ADMIN_GROUPS="ops") as running:
        yield running


@pytest.fixture(autouse=True)
def _behaving(request: pytest.FixtureRequest) -> None:
    if "site" in request.fixturenames:
        request.getfixturevalue("site").issuer.behaves()


@pytest.fixture
def visitor(browser: Browser, site: SsoServer) -> Iterator["Visitor"]:
    with visiting(browser, site) as shown:
        yield shown


class Visitor(Screen):
    """Somebody in a browser of their own. *issuer*: whose pages they may see besides ours."""

    issuer = ""

    def _watch(self, request: Any) -> None:
        if not request.url.startswith(self.issuer) and not self.page.url.startswith(self.issuer):
            super()._watch(request)

    def _note(self, message: Any) -> None:
        if not self.page.url.startswith(self.issuer):
            super()._note(message)

    def goes_to_the_issuer(self, path: str = "/login") -> None:
        self.open(path)
        self.page.get_by_role("link", name="Log in with Example").click()
        self.page.wait_for_url(f"{self.issuer}/**")

    def proves(self, name: str) -> None:
        """Log in at the issuer, which takes any password, and agree."""
        self.page.locator("input[name=login]").fill(name)
        self.page.locator("input[name=password]").fill("any")
        self.page.get_by_role("button", name="Sign-in").click()
        self.agrees()

    def agrees(self) -> None:
        button = self.page.get_by_role("button", name="Continue")
        wait_for(lambda: button.count() or self.page.url.startswith(self.origin), "the consent or the way back", 20)
        if button.count():
            button.click()
        self.page.wait_for_url(f"{self.origin}/**")

    def signs_on(self, name: str, path: str = "/login") -> None:
        self.goes_to_the_issuer(path)
        self.proves(name)

    def is_in_as(self, name: str) -> None:
        expect(self.page.get_by_role("button", name=name, exact=True)).to_be_visible()

    def is_refused(self, words: str) -> None:
        expect(self.page.get_by_role("alert")).to_contain_text(words)
        expect(self.page.get_by_role("link", name="Log in with Example")).to_be_visible()


@contextmanager
def visiting(browser: Browser, site: SsoServer, **given: Any) -> Iterator[Visitor]:
    context = browser.new_context(locale="en-US", viewport={"width": 1440, "height": 900}, **given)
    context.route("https://**", lambda route: route.abort())  # the issuer's pages want a font
    Visitor.issuer = site.issuer.address
    shown = Visitor(context, site.origin)
    yield shown
    context.close()
    assert not shown.complaints, "\n".join(shown.complaints)


def callback_of(page: Page) -> list[str]:
    """Return a list into which the addresses go with which the browser comes back."""
    seen: list[str] = []
    page.on("request", lambda request: seen.append(request.url) if "/oidc/callback" in request.url else None)
    return seen
