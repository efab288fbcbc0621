"""From a noisy policy to a better one, by what the backtest says beside the form."""

import re
import time
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from playwright.sync_api import Browser, Locator, expect

from tests.integration.cli.running import Process
from tests.integration.web.browser import ADMIN, PHONE, Screen, screen

pytestmark = pytest.mark.nightly

MINUTES = 3 * 1440
LONG = range(2000, 2180)
"""Minutes ago that a real problem took: three hours."""


@pytest.fixture(scope="module")
def policy(served: Process) -> int:
    """A noisy one: for three days the CPU was at 96 % for six minutes an hour, and once at 99 % for three hours."""
    with served.admin() as admin:
        server_id = admin.post("/api/servers", {"server_name": "web-1", "ip_address": "10.0.0.1"}).data["id"]
        key = admin.post("/api/api-keys", {"name": "web-1", "server_id": server_id}).data["key"]
        noisy = {
            "metric": "cpu",
            "critical": 95,
            "sustained_for": 60,
            "clear_for": 0,
            "scope": {"server_id": server_id},
        }
        policy_id: int = admin.post("/api/alert-policies", noisy).data["id"]
    now = datetime.now(UTC).replace(microsecond=0)
    samples = [sample(now, ago) for ago in range(MINUTES, 0, -1)]
    with served.client(key) as agent:
        for first in range(0, MINUTES, 1000):
            answer = agent.post("/api/monitor/data/batch", {"samples": samples[first : first + 1000]}).data
            assert {"stored"} == {result["status"] for result in answer["results"]}
    return policy_id


def sample(now: datetime, ago: int) -> dict[str, Any]:
    cpu = 99 if ago in LONG else 96 if 30 <= ago % 60 < 36 else 20
    at = f"{now - timedelta(minutes=ago):%Y-%m-%dT%H:%M:%SZ}"
    return {"recorded_at": at, "interval": 60, "metrics": {"cpu_value": cpu, "memory_value": 20, "disk_value": 20}}


def backtest(shown: Screen) -> Locator:
    return shown.page.get_by_role("region", name="Backtest")


def times(shown: Screen) -> int:
    """How often the policy in the form would have fired, once that is known."""
    panel = backtest(shown)
    expect(panel).to_have_attribute("aria-busy", "false")
    expect(panel.locator(".stale")).to_have_count(0)
    text = panel.locator(".total strong").inner_text()
    return 1 if text == "once" else int(text.split()[0])


def test_a_noisy_policy_becomes_a_better_one_within_a_minute(admin: Screen, served: Process, policy: int) -> None:
    """As somebody does who has never seen the page: they read the advice, take it, and save."""
    began = time.monotonic()
    admin.open(f"/policies/{policy}")
    noisy = times(admin)
    assert noisy > 60
    advice = backtest(admin).get_by_text("Quietest without losing a long alert:")
    expect(advice.locator("..")).to_contain_text("instead of")
    expect(advice.locator("..")).to_contain_text("loses none that lasted over an hour")
    admin.press("Make this change")
    expect(backtest(admin).locator(".total strong")).to_have_text("once")
    admin.press("Save")
    admin.sees_notice("Saved")
    assert time.monotonic() - began < 60
    with served.admin() as client:
        stored = next(each for each in client.get("/api/alert-policies").data if each["id"] == policy)
        found = client.post("/api/alert-policies/backtest", {"policy": _body(stored), "days": 7}).data
        assert (1, 0, 0) == (found["total"], found["ended_within_hour"], found["sweep"][0]["long_lost"])
        assert client.put(
            f"/api/alert-policies/{policy}", {"critical": 95, "sustained_for": 60, "clear_margin": 5}
        ).data


def _body(stored: dict[str, Any]) -> dict[str, Any]:
    names = ("metric", "warning", "critical", "direction", "sustained_for", "clear_margin", "clear_for", "scope")
    return {name: stored[name] for name in names}


def test_a_noisy_policy_is_named_with_its_edit(admin: Screen, served: Process, policy: int) -> None:
    """The list begins with it. Notifications of the past cannot be made here: the answer is given."""
    people = [{"username": name, "pages": 70} for name in ("bob", "eve")]
    row: dict[str, Any] = {"policy_id": policy, "server_id": _server(served, policy), "pages": 140, "night_pages": 52}
    row |= {"alerts": 70, "ended_alone": 69, "people": people}
    edit = {"change": {"sustained_for": 600}, "pages_removed": 138, "useful_lost": 0, "added_delay": 540, "people": []}
    noise = [
        row | {"useful": 1, "noise": 3, "suggestion": edit},
        row | {"pages": 8, "alerts": 4, "useful": 0, "noise": 0, "suggestion": None},
    ]
    body = {"code": 200, "msg": "OK", "data": noise}
    admin.page.route("**/api/alerts/noise?*", lambda route: route.fulfill(json=body))
    admin.open("/policies")
    panel = admin.page.get_by_role("region", name="Noisiest policies")
    expect(panel.get_by_role("listitem")).to_have_count(1)
    expect(panel).to_contain_text("140 notifications")
    expect(panel).to_contain_text("52 at night")
    expect(panel).to_contain_text("bob 70, eve 70")
    expect(panel).to_contain_text("about 70 alerts")
    expect(panel).to_contain_text(
        "Fires after 10 min: 138 notifications fewer, none of them useful, others heard of up to 9 min later."
    )
    assert admin.axe_findings() == []
    panel.get_by_role("link", name="Open with this edit").click()
    expect(admin.page.get_by_role("spinbutton", name="Fires after")).to_have_value("10")
    expect(backtest(admin).locator(".total strong")).to_have_text("once")


def _server(served: Process, policy: int) -> int:
    with served.admin() as client:
        stored = next(each for each in client.get("/api/alert-policies").data if each["id"] == policy)
    server_id: int = stored["scope"]["server_id"]
    return server_id


def test_a_threshold_is_dragged_and_the_days_follow(admin: Screen, policy: int) -> None:
    admin.open(f"/policies/{policy}")
    noisy = times(admin)
    line = backtest(admin).get_by_role("slider", name="Critical line")
    days = backtest(admin).get_by_role("img")
    before = days.get_attribute("aria-label")
    line.scroll_into_view_if_needed()
    box, area = line.bounding_box(), backtest(admin).locator(".area").bounding_box()
    assert box
    assert area
    x, y = box["x"] + box["width"] / 3, box["y"] + box["height"] / 2
    admin.page.mouse.move(x, y)
    admin.page.mouse.down()
    admin.page.mouse.move(x, y - 0.03 * area["height"], steps=8)
    admin.page.mouse.up()
    expect(line).to_have_attribute("aria-valuetext", re.compile("^98"))
    expect(admin.page.get_by_role("spinbutton", name="Critical threshold")).to_have_value("98")
    assert times(admin) == 1 < noisy
    assert days.get_attribute("aria-label") != before
    line.press("ArrowDown")
    line.press("ArrowDown")
    expect(line).to_have_attribute("aria-valuenow", "96")
    assert times(admin) == noisy


def test_a_finger_drags_it_on_a_phone(browser: Browser, served: Process, policy: int) -> None:
    with screen(browser, served.origin, ADMIN, viewport=PHONE, has_touch=True) as phone:
        phone.open(f"/policies/{policy}")
        assert times(phone) > 60
        line = backtest(phone).get_by_role("slider", name="Critical line")
        line.scroll_into_view_if_needed()
        box, area = line.bounding_box(), backtest(phone).locator(".area").bounding_box()
        assert box
        assert area
        x, y, percent = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2, area["height"] / 100
        touch = phone.context.new_cdp_session(phone.page)
        for kind, at in (
            ("touchStart", y),
            ("touchMove", y - percent),
            ("touchMove", y - 3 * percent),
            ("touchEnd", None),
        ):
            points = [] if at is None else [{"x": x, "y": at}]
            touch.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})
        expect(line).to_have_attribute("aria-valuenow", "98")
        assert times(phone) == 1
