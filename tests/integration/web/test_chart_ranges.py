"""The charts of a host over each range, compared with its samples."""

import csv
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from math import ceil
from typing import Any

import pytest
from playwright.sync_api import Browser, Locator, expect

from tests.integration.cli.running import Process, run
from tests.integration.web.browser import ADMIN, DESK, PHONE, Screen, screen

pytestmark = pytest.mark.nightly

HOUR, DAY = 3600, 86_400
SPANS = {"1 h": HOUR, "6 h": 6 * HOUR, "24 h": DAY, "7 d": 7 * DAY, "30 d": 30 * DAY, "1 y": 365 * DAY}
DENSITY = ((0, DAY + HOUR, 15), (DAY + HOUR, 8 * DAY, 60), (8 * DAY, 31 * DAY, 600), (31 * DAY, 380 * DAY, 6 * HOUR))
"""From which age to which a sample every so many seconds."""
BURSTS = {HOUR // 2: 91, 4 * HOUR: 93, 20 * HOUR: 95, 6 * DAY: 97, 20 * DAY: 99, 300 * DAY: 100}
"""By their age single samples, one for each range: the longer, the greater."""
PROMISED = dict(zip(SPANS, (15, 30, 120, 600, HOUR, DAY // 2), strict=True))
"""Seconds of a bucket, as many as the screen asks for; 15: every sample."""
# How high what is coloured reaches in the plot, in percent of its height: lines and bands are, the grid is grey.
TOPMOST = """host => {
    const canvas = host.querySelector('canvas'), over = host.querySelector('.u-over');
    const [whole, plot] = [canvas, over].map(each => each.getBoundingClientRect());
    const [top, left] = [plot.top - whole.top, plot.left - whole.left].map(Math.round);
    const [wide, high] = [plot.width, plot.height].map(Math.round);
    const { data } = canvas.getContext('2d').getImageData(left, top, wide, high);
    for (let at = 0; at < data.length; at += 4) {
        const colours = [data[at], data[at + 1], data[at + 2]];
        if (data[at + 3] > 25 && Math.max(...colours) - Math.min(...colours) > 25)
            return 100 - Math.floor(at / 4 / wide) * 100 / high;
    }
    return null;
}"""


@pytest.fixture(scope="module")
def host(served: Process) -> int:
    """A host with more than a year of sealed history and no policy, so that no threshold is drawn."""
    now = datetime.now(UTC).replace(microsecond=0)
    ages = sorted({age for first, last, step in DENSITY for age in range(first, last, step)} | BURSTS.keys())
    with served.admin() as admin:
        for policy in admin.get("/api/alert-policies").data:
            assert admin.put(f"/api/alert-policies/{policy['id']}", {"enabled": False}).data
        server_id: int = admin.post("/api/servers", {"server_name": "bursty", "ip_address": "10.0.0.1"}).data["id"]
        key = admin.post("/api/api-keys", {"name": "bursty", "server_id": server_id}).data["key"]
    with served.client(key) as agent:
        for first in range(0, len(ages), 1000):
            some = [sample(now, age) for age in ages[first : first + 1000]]
            answer = agent.post("/api/monitor/data/batch", {"samples": some}).data
            assert {"stored"} == {result["status"] for result in answer["results"]}
    sealed = run(served.home, "history", "seal", settings={"MONITOR_DATA_DIR": str(served.data)})
    assert sealed.returncode == 0, sealed.stderr
    return server_id


def sample(now: datetime, age: int) -> dict[str, Any]:
    cpu = BURSTS.get(age, 5)
    at = f"{now - timedelta(seconds=age):%Y-%m-%dT%H:%M:%SZ}"
    return {"recorded_at": at, "metrics": {"cpu_value": cpu, "memory_value": 20, "disk_value": 20}}


@pytest.fixture(scope="module", params=[DESK, PHONE], ids=["desk", "phone"])
def looking(request: pytest.FixtureRequest, browser: Browser, served: Process) -> Iterator[Screen]:
    with screen(browser, served.origin, ADMIN, viewport=request.param, color_scheme="light") as person:
        yield person


def drawn(shown: Screen, host: int, span: str) -> tuple[Locator, dict[str, Any]]:
    """The chart of the CPU once this range was chosen, and the answer that it is drawn from."""
    shown.open(f"/servers/{host}?range={'6h' if span == '1 h' else '1h'}")
    plot = shown.page.get_by_role("region", name="CPU", exact=True).locator("[data-points]")
    before = plot.get_attribute("aria-label") or ""
    with shown.page.expect_response(re.compile("/series")) as answer:
        shown.page.get_by_role("button", name=span, exact=True).click()
    expect(plot).not_to_have_attribute("aria-label", before)
    return plot, answer.value.json()["data"]


@pytest.mark.parametrize("span", SPANS)
def test_the_greatest_drawn_is_the_greatest_stored(looking: Screen, host: int, span: str) -> None:
    plot, answer = drawn(looking, host, span)
    greatest = max(value for age, value in BURSTS.items() if age < SPANS[span])
    assert greatest == max(value for value in answer["cpu"]["max"] if value is not None)
    expect(plot).to_have_attribute("aria-label", re.compile(rf"highest {greatest}\b"))
    assert abs(plot.evaluate(TOPMOST) - greatest) < 2, "of what is seen in the picture"
    assert PROMISED[span] == answer["resolution"]
    assert_csv(looking, greatest, PROMISED[span], SPANS[span])


def test_the_values_at_the_keyboards_cursor_are_announced(looking: Screen, host: int) -> None:
    """To screen readers: the time, and the values then."""
    plot, _ = drawn(looking, host, "24 h")
    said = looking.page.get_by_role("region", name="CPU", exact=True).locator("[aria-live=polite]")
    expect(said).to_be_empty()
    plot.focus()
    for _ in range(2):
        looking.page.keyboard.press("ArrowLeft")
    expect(said).to_have_text(re.compile(r"\d:\d\d.*; CPU average 5\s%, from 5\s% to 5\s%$"))
    before = said.inner_text()
    looking.page.keyboard.press("ArrowLeft")
    expect(said).not_to_have_text(before)
    looking.page.keyboard.press("Escape")
    expect(said).to_be_empty()


def assert_csv(looking: Screen, greatest: int, width: int, span: int) -> None:
    with looking.page.expect_download() as file:
        looking.page.get_by_role("button", name="CSV").click()
    rows = list(csv.DictReader(file.value.path().read_text(encoding="utf-8").splitlines()))
    name = "cpu" if width == 15 else "cpu max"
    assert greatest == max(float(row[name]) for row in rows if row[name])
    if width > 15:
        assert {"cpu avg", "cpu min", "cpu max"} <= rows[0].keys()
        assert 5 == min(float(row["cpu min"]) for row in rows if row["cpu min"])
        assert greatest > max(float(row["cpu avg"]) for row in rows if row["cpu avg"])
    times = [datetime.fromisoformat(row["time"]).timestamp() for row in rows]
    assert width == min(b - a for a, b in pairwise(times))
    assert ceil(0.97 * span / width) <= len(rows) <= span // width + 2
