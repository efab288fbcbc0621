"""A tenth of five thousand hosts goes offline at once: one row, and pages that stay quick."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from urllib.request import Request, urlopen

import pytest
from playwright.sync_api import Browser, expect

from tests.integration.alerts import scene
from tests.integration.alerts.mail_server import MailServer
from tests.integration.cli.client import Client
from tests.integration.cli.running import Process, wait_for
from tests.integration.web.browser import ADMIN, DESK, PHONE, Screen, screen
from tests.integration.web.conftest import browser, built_screen, mailbox, serving

__all__ = ("browser", "built_screen", "mailbox")
pytestmark = pytest.mark.nightly

HOSTS, SICK = 5_000, 500
BATCH = 250
SHOWN_MS = 8_000
"""Until the row is there, from the first byte of the page on a machine that does much else."""
LONG_MS = 500
RECORD = """() => {
  window.longest = 0
  const note = (list) => list.getEntries().forEach(({ duration }) => { longest = Math.max(longest, duration) })
  new PerformanceObserver(note).observe({ type: 'longtask', buffered: true })
}"""
TRIES = 3
MAPS = {"desk": (DESK, 700), "phone": (PHONE, 2_100)}
"""A screen, and how many pixels high the map of all hosts may be on it: at a desk less than the screen."""


@pytest.fixture(scope="module")
def served(built_screen: None, mailbox: MailServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Process]:
    """The hosts of one hall report once and are silent then; the others have not reported yet."""
    with serving(tmp_path_factory.mktemp("outage"), mailbox) as running:
        with running.admin() as client:
            scene.settings(client, offline_after=15)
            _import(running, client)
            with Client(running.port, key=scene.fleet_key(client)) as agent:
                for first in range(0, SICK, BATCH):
                    samples = [_sample(number) for number in range(first, first + BATCH)]
                    answer = agent.post("/api/monitor/data/batch", {"samples": samples})
                    assert {each["status"] for each in answer.body["data"]["results"]} == {"stored"}
            incidents: list[tuple[str, int]] = []

            def is_one() -> bool:
                incidents[:] = [(each["title"], each["server_count"]) for each in client.get("/api/incidents").data]
                return [count for _, count in incidents] == [SICK]

            wait_for(is_one, lambda: f"one incident, not {incidents}", deadline=120)
        yield running


def _address(number: int) -> str:
    return f"10.{number // 250}.0.{number % 250 + 1}"


def _sample(number: int) -> dict[str, object]:
    values = {"cpu_value": 10, "memory_value": 20, "disk_value": 20}
    now = f"{datetime.now(UTC):%Y-%m-%d %H:%M:%S.%f}"
    return {
        "ip_address": _address(number),
        "recorded_at": now,
        "metrics": values,
        "interval": 4,
    }


def _import(running: Process, client: Client) -> None:
    lines = [f"host-{n},{_address(n)},22,hall-{n // SICK}," for n in range(HOSTS)]
    csv = "\n".join(["server_name,ip_address,port,tags,users", *lines])
    headers = {"Content-Type": "text/csv", "Authorization": f"Bearer {client.token}"}
    request = Request(f"{running.origin}/api/servers/import", csv.encode(), headers)  # noqa: S310 (our own)
    with urlopen(request, timeout=120) as answer:  # noqa: S310 (our own)
        assert answer.status == 200


@pytest.fixture
def admin(browser: Browser, served: Process) -> Iterator[Screen]:
    with screen(browser, served.origin, ADMIN) as shown:
        shown.page.add_init_script(f"({RECORD})()")
        yield shown


def test_the_overview_has_one_row_and_no_long_task(admin: Screen):
    def look() -> float:
        admin.open("/")
        expect(admin.page.get_by_role("link", name=f"{SICK} of {SICK} in hall-0")).to_be_visible()
        return _now(admin)

    assert _best(admin, look) < SHOWN_MS
    attention = admin.page.get_by_role("region", name="Needs attention")
    expect(attention.get_by_role("listitem").filter(has_text="host-")).to_have_count(0)


def test_alerts_have_one_row_that_opens_and_scrolls_without_a_long_task(admin: Screen):
    rows = admin.page.locator("main tbody tr:not([aria-hidden])")

    def look() -> float:
        admin.open("/alerts")
        expect(rows).to_have_count(1)
        shown = _now(admin)
        rows.get_by_role("button", name="Alerts of").click()
        expect(admin.page.get_by_role("link", name="host-0", exact=True)).to_be_visible()
        assert rows.count() < SICK / 2
        for _ in range(20):
            admin.page.mouse.wheel(0, 2_000)
            admin.page.evaluate("() => new Promise(requestAnimationFrame)")
        expect(admin.page.get_by_role("link", name=f"host-{SICK - 1}", exact=True)).to_be_visible()
        return shown

    assert _best(admin, look) < SHOWN_MS


@pytest.mark.parametrize("size", MAPS)
def test_the_map_has_a_group_for_each_tag(browser: Browser, served: Process, size: str):
    viewport, highest = MAPS[size]
    with screen(browser, served.origin, ADMIN, viewport=viewport) as shown:
        shown.open("/?view=map&by=tag")
        groups = shown.page.locator(".map > li")
        expect(groups).to_have_count(HOSTS // SICK)
        expect(groups.get_by_role("link", name="hall-0 500")).to_contain_text("500 Offline")
        box = shown.page.locator(".map").bounding_box()
        assert box
        assert box["height"] <= highest
        assert shown.axe_findings() == []
        groups.get_by_role("link", name="hall-3").click()
        expect(shown.page.get_by_text("500 of 5,000")).to_be_visible()


def _now(admin: Screen) -> float:
    """Milliseconds since the page began to load."""
    return float(admin.page.evaluate("() => performance.now()"))


def _best(admin: Screen, look: Callable[[], float]) -> float:
    """Who else is busy on the machine may hold up one look, but hardly three."""
    found = []
    for _ in range(TRIES):
        shown = look()
        found.append((float(admin.page.evaluate("() => longest")), shown))
        if found[-1][0] < LONG_MS:
            return shown
    raise AssertionError(f"milliseconds of the longest task, and until the row was there: {found}")
