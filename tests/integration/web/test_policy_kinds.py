"""Kinds of policies on the screen: chosen in the form, drawn in the chart, and what to do shown with the alert."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.integration.cli.running import Process
from tests.integration.web.browser import Screen

pytestmark = pytest.mark.nightly

NOTE = """# Clean up
- `du -sh /var`
- <img src=x onerror=alert(1)>
- [wiki](https://wiki.example/disk) [x](javascript:alert(1))"""


@pytest.fixture(scope="module")
def filling(served: Process) -> int:
    """A host whose disk fills up in eight hours, for an hour and a half so far."""
    now = datetime.now(UTC).replace(microsecond=0)
    with served.admin() as admin:
        server_id: int = admin.post("/api/servers", {"server_name": "filling", "ip_address": "10.0.0.7"}).data["id"]
        key = admin.post("/api/api-keys", {"name": "filling", "server_id": server_id}).data["key"]
        forecast = {"metric": "disk", "kind": "forecast", "warning": 100, "over": 3600, "within": 86400}
        body = forecast | {"sustained_for": 0, "note": NOTE, "scope": {"server_id": server_id}}
        assert admin.post("/api/alert-policies", body).data
    with served.client(key) as agent:
        samples = [_sample(now - timedelta(minutes=90 - n), 60 + n / 12) for n in range(90)]
        answer = agent.post("/api/monitor/data/batch", {"samples": samples}).data
        assert {"stored"} == {result["status"] for result in answer["results"]}
    return server_id


def _sample(at: datetime, disk: float) -> dict[str, Any]:
    metrics = {"cpu_value": 5, "memory_value": 20, "disk_value": round(disk, 2)}
    return {"recorded_at": f"{at:%Y-%m-%dT%H:%M:%SZ}", "interval": 60, "metrics": metrics}


def test_a_forecast_is_made_with_a_note(admin: Screen) -> None:
    admin.open("/policies/new?metric=memory")
    page = admin.page
    page.get_by_text("Forecast", exact=True).click()
    expect(page.get_by_text("Draws a line through the last hours")).to_be_visible()
    expect(page.get_by_role("spinbutton", name="Warning threshold")).to_have_value("100")
    page.get_by_label("What to do").fill(NOTE)
    preview = page.locator(".preview")
    expect(preview.get_by_text("Clean up")).to_be_visible()
    assert page.locator("main img").count() == 0
    assert page.locator("a[href^=javascript]").count() == 0
    expect(preview.get_by_role("link", name="wiki")).to_have_attribute("href", "https://wiki.example/disk")
    expect(page.get_by_role("region", name="Backtest")).to_have_attribute("aria-busy", "false")
    expect(page.locator(".stale")).to_have_count(0)  # which is pale
    assert admin.axe_findings() == []
    admin.press("Create")
    expect(page.get_by_role("heading", name="Memory · Forecast")).to_be_visible()


def test_a_range_is_made_without_thresholds(admin: Screen) -> None:
    admin.open("/policies/new?metric=cpu")
    page = admin.page
    page.get_by_text("Range", exact=True).click()
    expect(page.get_by_label("Days of the range")).to_have_value("7")
    expect(page.get_by_label("Warning threshold")).to_have_count(0)
    admin.press("Create")
    expect(page.get_by_role("heading", name="CPU · Range")).to_be_visible()
    expect(page.get_by_text("outside the range of 7 d by 50 %")).to_be_visible()


def test_an_alert_says_when_the_disk_is_full_and_what_to_do(admin: Screen, filling: int) -> None:
    admin.open("/alerts")
    page = admin.page
    row = page.get_by_role("row").filter(has_text="filling")
    expect(row).to_contain_text("will be full")
    row.get_by_role("link").first.click()
    note = page.get_by_role("region", name="What to do")
    expect(note.get_by_text("<img src=x onerror=alert(1)>")).to_be_visible()
    expect(page.get_by_text("The dashed line is the forecast of the policy.")).to_be_visible()
    assert admin.axe_findings() == []


def test_a_server_says_what_its_policies_still_need_to_know(admin: Screen, filling: int) -> None:
    admin.open(f"/servers/{filling}?tab=policies")
    expect(admin.page.get_by_text("silent until").first).to_be_visible()


def test_an_exception_to_a_forecast_is_a_forecast(admin: Screen, served: Process) -> None:
    with served.admin() as client:
        server_id = client.post("/api/servers", {"server_name": "other", "ip_address": "10.0.0.8"}).data["id"]
    admin.open(f"/servers/{server_id}?tab=policies")
    row = admin.page.get_by_role("row").filter(has_text="Disk · Forecast")
    row.get_by_role("link", name="Add exception").click()
    expect(admin.page.get_by_role("spinbutton", name="Line through the last")).to_have_value("1")
    admin.press("Create")
    expect(admin.page.get_by_role("heading", name="Policies")).to_be_visible()
    with served.admin() as client:
        made = [each for each in client.get("/api/alert-policies").data if each["scope"].get("server_id") == server_id]
    assert [("disk", "forecast")] == [(each["metric"], each["kind"]) for each in made]
