"""Chromium, and the screen in it as a person uses it."""

import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import httpx
from playwright.sync_api import Browser, BrowserContext, BrowserType, Locator, Page, expect, sync_playwright
from playwright.sync_api import TimeoutError as PlaywrightTimeout

from scripts.system import CHROMIUM
from tests.integration.cli.running import PASSWORD

ROOT = Path(__file__).resolve().parents[3]
AXE = ROOT / "frontend" / "node_modules" / "axe-core" / "axe.min.js"
BANNERS = ("landmark-no-duplicate-banner", "landmark-unique")
ADMIN = ("admin", PASSWORD)
DESK = {"width": 1440, "height": 900}
PHONE = {"width": 390, "height": 844}
MILLISECONDS = 30_000
_UNFOLDING, _UNFOLDED = 3_000, 10
"""Milliseconds for a list to unfold, and how often it is tried."""
# A server that is away, and one that says no, are what some tests are about; the browser reports each as an error.
_EXPECTED = re.compile(r"Failed to load resource|net::ERR_")

expect.set_options(timeout=MILLISECONDS)


@contextmanager
def chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright, launched(playwright.chromium) as browser:
        yield browser


@contextmanager
def launched(kind: BrowserType, *arguments: str) -> Iterator[Browser]:
    """Debian's: it downloads nothing, and sends nothing anywhere by itself."""
    executable = next(path for name in CHROMIUM.programs if (path := shutil.which(name)))
    browser = kind.launch(
        executable_path=executable, args=["--no-sandbox", "--disable-background-networking", *arguments]
    )
    try:
        yield browser
    finally:
        browser.close()


class Screen:
    """One person's browser: *page* at *origin*. It records everything that a page must never do."""

    def __init__(self, context: BrowserContext, origin: str) -> None:
        self.context = context
        self.origin = origin
        self.page: Page = context.new_page()
        self.page.set_default_timeout(MILLISECONDS)
        self.complaints: list[str] = []
        self.page.on("pageerror", lambda error: self.complaints.append(f"error: {error}"))
        self.page.on("console", self._note)
        self.page.on("request", self._watch)

    def _note(self, message: Any) -> None:
        if message.type in ("error", "warning") and not _EXPECTED.search(message.text):
            self.complaints.append(f"{message.type}: {message.text}")

    def _watch(self, request: Any) -> None:
        if not request.url.startswith((self.origin, "data:", "blob:")):
            self.complaints.append(f"asked another host: {request.url}")

    def log_in(self, username: str, password: str) -> None:
        self._try(username, password)
        self.page.get_by_role("navigation").first.wait_for()

    def log_in_first(self, username: str, given: str, password: str) -> None:
        """Log in with the password that an administrator set, and change it."""
        self._try(username, given)
        self.page.get_by_text("An administrator set your password").wait_for()
        for label, value in (("Current", given), ("New", password), ("Repeat new", password)):
            self.page.get_by_label(f"{label} password", exact=True).fill(value)
        self.page.get_by_role("button", name="Change password").click()
        self.page.get_by_role("navigation").first.wait_for()

    def _try(self, username: str, password: str) -> None:
        self.open("/login")
        self.page.get_by_label("User name", exact=True).fill(username)
        self.page.get_by_label("Password", exact=True).fill(password)
        self.page.get_by_role("button", name="Log in", exact=True).click()

    def open(self, path: str) -> None:
        self.page.goto(f"{self.origin}{path}")

    @property
    def heading(self) -> Locator:
        return self.page.get_by_role("heading", level=1)

    def dialog(self) -> Locator:
        """The one that is open."""
        return self.page.get_by_role("dialog").filter(visible=True).last

    def press(self, name: str) -> None:
        """A button, in the dialog if one is open."""
        self._front().get_by_role("button", name=name, exact=True).click()

    def fill(self, label: str, value: str) -> None:
        field = self._front().get_by_label(label, exact=True)
        field.and_(self.page.locator("input:not([role=combobox]), textarea")).fill(value)

    def choose(self, label: str, *options: str) -> None:
        """From a list that unfolds, by keyboard and click."""
        box = self._front().get_by_role("combobox", name=label, exact=True)
        for option in options:
            wanted = self.page.get_by_role("option", name=option).filter(visible=True)
            self._unfold(box, wanted)
            wanted.click()
        if len(options) > 1 or box.get_attribute("aria-expanded") == "true":
            box.press("Escape")

    def _unfold(self, box: Locator, wanted: Locator) -> None:
        """A dialog that has just opened takes the focus once more, and what was unfolded folds again."""
        for _ in range(_UNFOLDED):
            if wanted.is_visible():
                return
            box.focus()
            box.press("ArrowDown")
            with suppress(PlaywrightTimeout):
                wanted.wait_for(timeout=_UNFOLDING)

    def _front(self) -> Page | Locator:
        return self.dialog() if self.page.get_by_role("dialog").filter(visible=True).count() else self.page

    def sees_notice(self, words: str) -> None:
        """A notice with these words appears."""
        expect(self.page.locator(".el-message").filter(has_text=words).last).to_be_visible()

    def axe_findings(self) -> list[str]:
        # A page that still loads has no heading, and what fades away is no part of it.
        expect(self.page.locator("h1")).to_have_count(1)
        expect(self.page.locator("[class*=-leave-active]")).to_have_count(0)
        self.page.evaluate(AXE.read_text())
        # Of the rules that are off by default: buttons must be large enough for fingers.
        # The library's dialogs have a <header>; a modal one hides that of the page behind it from every reader.
        banners = "".join(f", '{rule}': {{enabled: !isModal}}" for rule in BANNERS)
        rules = f"{{'target-size': {{enabled: true}}{banners}}}"
        is_modal = "const isModal = document.querySelector('[aria-modal=true]') !== null"
        found = self.page.evaluate(
            f"() => {{ {is_modal}; return axe.run(document, {{resultTypes: ['violations'], rules: {rules}}}) }}"
        )
        return [
            f"{self.page.url}: {violation['id']}: {node['html'][:160]}"
            for violation in found["violations"]
            for node in violation["nodes"]
        ]


def _logged_in(origin: str, username: str, password: str) -> dict[str, Any]:
    """Log in without a page, and return what a browser keeps of it."""
    body = {"username": username, "password": password}
    headers = {"Accept-Language": "en-US"}
    answer = httpx.post(f"{origin}/api/auth/login", json=body, headers=headers, timeout=MILLISECONDS / 1000)
    assert answer.status_code == 200, answer.text
    cookies = [
        {"name": each.name, "value": each.value, "domain": each.domain, "path": each.path, "httpOnly": True}
        | {"secure": each.secure, "sameSite": "Strict", "expires": each.expires or -1}
        for each in answer.cookies.jar
    ]
    kept = [{"name": name, "value": "true"} for name in ("may-be-logged-in", "has-logged-in")]
    return {"cookies": cookies, "origins": [{"origin": origin, "localStorage": kept}]}


@contextmanager
def screen(browser: Browser, origin: str, user: tuple[str, str] | None = None, **given: Any) -> Iterator[Screen]:
    """A new browser, in English on a desk unless *given* says otherwise. Fails if the page had errors.

    Nothing moves, or each dialog that unfolds would be waited for. *user*: is logged in, before the first page.
    """
    still = {"viewport": DESK, "locale": "en-US", "reduced_motion": "reduce"}
    kept = {} if user is None else {"storage_state": _logged_in(origin, *user)}
    context = browser.new_context(**{**still, **kept, **given})
    shown = Screen(context, origin)
    yield shown
    context.close()
    assert not shown.complaints, "\n".join(shown.complaints)
