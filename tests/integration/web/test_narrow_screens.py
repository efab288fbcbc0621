"""Nothing is cut, broken or pushed off: with the longest names there may be, on small desks and on phones."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, expect

from tests.integration.alerts.mail_server import MailServer
from tests.integration.cli.running import Process
from tests.integration.web import hostile
from tests.integration.web.browser import ADMIN, Screen, screen
from tests.integration.web.conftest import serving

pytestmark = pytest.mark.nightly(each=True)

DESKS = (821, 900, 1024, 1199)
PHONES = (390, 360)
HEIGHT = 900
FIT = (Path(__file__).parent / "fit.js").read_text()
STILL = """async () => {
  await document.fonts.ready
  const moves = (each) => each.playState === 'running' && each.effect.getTiming().iterations !== Infinity
  for (let calm = 0, last = -1; calm < 3; ) {
    await new Promise((done) => requestAnimationFrame(done))
    const now = document.documentElement.scrollHeight
    calm = now === last && !document.getAnimations().some(moves) ? calm + 1 : 0
    last = now
  }
}"""
PAGES = (
    "/",
    "/?view=map&by=tag,network",
    "/wallboard?by=tag#{wall}",
    "/forecasts",
    "/servers",
    "/servers/compare?servers=1,2,3,77",
    "/servers/1",
    "/servers/1?tab=parts",
    "/servers/1?tab=policies",
    "/servers/1?tab=alerts",
    "/servers/1?tab=keys",
    "/servers/2?tab=silences",
    "/alerts",
    "/alerts?tab=pending",
    "/alerts?tab=past",
    "/alerts?view=single",
    "/incidents/1",
    "/alerts/1",
    "/alerts/3",
    "/checks",
    "/checks/5",
    "/checks/5?tab=alerts",
    "/checks/5?tab=policies",
    "/check-ins",
    "/check-ins/6",
    "/check-ins/6?tab=alerts",
    "/silences",
    "/silences?tab=upcoming",
    "/on-call",
    "/on-call?tab=escalations",
    "/on-call/1",
    "/policies",
    "/policies/1",
    "/policies/6",
    "/policies/7",
    "/policies/new",
    "/policies/new?metric=unit:nginx.service",
    "/policies/new?metric=check_in&check_in_id=6",
    "/users",
    "/teams",
    "/channels",
    "/notifications",
    "/explain",
    "/explain?server_id=1",
    "/coverage",
    "/audit",
    "/cluster",
    "/configuration",
    "/settings",
    "/settings/mail",
    "/profile",
    "/password",
    "/nowhere",
)
_ROW = "main :is(tbody tr, .server) >> nth=0 >> .more"
_SELECT = "main :is([role=grid] tbody, .server) input[type=checkbox] >> nth=0"
_MENU = "[role=menu]:popover-open [role=menuitem] >> nth="
_BATCH = "[role=toolbar] .actions button >> nth="
_HEAD = "main header.header .actions > .el-button >> nth="
DIALOGS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("/", ("key:?",)),
    ("/", ("key:/",)),
    ("/servers", (f"{_HEAD}0",)),
    *(("/servers", (_ROW, f"{_MENU}{item}")) for item in range(5)),
    *(("/servers", (_SELECT, f"{_BATCH}{item}")) for item in (0, 1, 2, 3, 4, 7)),
    ("/servers", ("main header.header .opener", f"{_MENU}0")),
    ("/servers", ("main header.header .opener", f"{_MENU}2")),
    ("/servers?unregistered=1", ()),
    *(("/servers/1", (f"{_HEAD}{item}",)) for item in range(3)),
    *(("/servers/1", ("main header.header .opener >> nth=1", f"{_MENU}{item}")) for item in range(3)),
    ("/servers/1?tab=keys", ("main [role=tabpanel] .el-button >> visible=true >> nth=1",)),
    ("/servers/1?tab=keys", ("main tbody .el-button >> nth=0",)),
    ("/alerts?view=single", ("main :is(tbody .actions, .one) .el-button >> nth=0",)),
    ("/alerts?view=single", ("main :is(tbody .actions, .one) .el-button >> nth=1",)),
    *(("/incidents/1", (f"{_HEAD}{item}",)) for item in (0, 1)),
    *((path, (f"{_HEAD}0",)) for path in ("/checks", "/check-ins")),
    *(
        (path, (f"main tbody tr .actions .el-button >> nth={item}",))
        for path, last in (("/checks", 3), ("/check-ins", 2))
        for item in (0, last)
    ),
    *((path, (f"{_HEAD}{first + n}",)) for path, first in (("/checks/5", 2), ("/check-ins/6", 1)) for n in range(3)),
    ("/servers/1?tab=parts", ("main .part td button >> nth=0",)),
    ("/silences", (f"{_HEAD}0",)),
    ("/silences", ("main .silence .actions .el-button >> nth=0",)),
    ("/silences", ("main .silence .actions .el-button >> nth=1",)),
    *((path, (f"{_HEAD}0",)) for path in ("/on-call", "/on-call?tab=escalations", "/on-call/1")),
    ("/on-call?tab=escalations", ("main tbody tr .el-button >> nth=0",)),
    ("/on-call/1", ("main section li .el-button >> nth=0",)),
    ("/policies", ("main li .actions .el-button >> nth=2",)),
    ("/users", (f"{_HEAD}0",)),
    ("/users", ("main tbody tr:last-child .el-button >> nth=0",)),
    *(("/users", ("main tbody tr:last-child .opener", f"{_MENU}{item}")) for item in range(3)),
    ("/channels", (f"{_HEAD}0",)),
    *(("/channels", (f"main tbody tr:last-child .el-button >> nth={item}",)) for item in (0, 2)),
    *(("/profile", (f"main section header .el-button.spread >> nth={item}",)) for item in (0, 3)),
    ("/profile", ("main li.way .actions .el-button >> nth=1",)),
    ("/settings", ("fewer:main .part >> nth=3 >> input >> nth=1", "main form button[type=submit]")),
)


secrets: dict[str, str] = {}
"""In addresses, by the names in PAGES."""


@pytest.fixture(scope="module")
def served(built_screen: None, mailbox: MailServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Process]:
    with serving(tmp_path_factory.mktemp("narrow"), mailbox) as running:
        hostile.fill(running)
        with running.admin() as client:
            secrets.update(wall=client.post("/api/tokens", {"name": "wall", "scope": "wallboard"}).data["token"])
        yield running


@pytest.mark.parametrize("locale", ["en-US", "zh-CN"])
@pytest.mark.parametrize("widths", [DESKS, PHONES], ids=["desk", "phone"])
def test_every_page_fits(browser: Browser, origin: str, locale: str, widths: Sequence[int]):
    with screen(browser, origin, ADMIN, viewport={"width": widths[0], "height": HEIGHT}, locale=locale) as person:
        found = []
        for path in PAGES:
            show(person, path)
            for width in widths:
                resize(person, width)
                found += [f"{path} at {width}: {finding}" for finding in findings(person)]
    assert not found, "\n".join(found)


@pytest.mark.parametrize("locale", ["en-US", "zh-CN"])
@pytest.mark.parametrize("width", [DESKS[0], PHONES[-1]])
def test_every_dialog_fits(browser: Browser, origin: str, locale: str, width: int):
    with screen(browser, origin, ADMIN, viewport={"width": width, "height": HEIGHT}, locale=locale) as person:
        found = []
        for path, steps in DIALOGS:
            show(person, path)
            open_dialog(person, steps)
            found += [f"{path} {steps} at {width}: {finding}" for finding in findings(person)]
    assert not found, "\n".join(found)


def test_a_lost_connection_leaves_the_search_free(browser: Browser, origin: str):
    with screen(browser, origin, ADMIN, viewport={"width": PHONES[0], "height": HEIGHT}) as person:
        person.page.route("**/api/live**", lambda route: route.abort())
        person.open("/")
        lost = person.page.get_by_role("status").filter(has_text="Connection lost")
        expect(lost).to_be_visible()
        search = person.page.get_by_role("banner").get_by_role("button", name="Search")
        for width in PHONES:
            resize(person, width)
            assert not findings(person)
            assert not overlap(lost, search)
            assert not overlap(lost, person.heading)


def overlap(one: Locator, other: Locator) -> bool:
    first, second = one.bounding_box(), other.bounding_box()
    assert first
    assert second
    across = first["x"] < second["x"] + second["width"] and second["x"] < first["x"] + first["width"]
    return across and first["y"] < second["y"] + second["height"] and second["y"] < first["y"] + first["height"]


def show(person: Screen, path: str) -> None:
    person.open(path.format(**secrets))
    expect(person.page.get_by_role("main")).to_be_visible()
    person.page.wait_for_function("() => document.querySelector('main [aria-busy=true], main .el-skeleton') === null")
    settle(person)


def resize(person: Screen, width: int) -> None:
    person.page.set_viewport_size({"width": width, "height": HEIGHT})
    settle(person)


def settle(person: Screen) -> None:
    """Wait until nothing moves."""
    person.page.evaluate(STILL)


def open_dialog(person: Screen, steps: Sequence[str]) -> None:
    for step in steps:
        kind, _, rest = step.partition(":")
        if kind == "key":
            person.page.locator("main").focus()
            person.page.keyboard.press(rest)
        elif kind == "fewer":
            person.page.locator(rest).fill("1")
            person.page.locator(rest).press("Tab")
        else:
            person.page.locator(step).click()
    expect(person.dialog()).to_be_visible()
    settle(person)


def findings(person: Screen) -> list[str]:
    found: list[str] = person.page.evaluate(FIT)
    return found
