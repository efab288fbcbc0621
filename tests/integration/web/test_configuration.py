"""The configuration as a file: what a changed one would do, and doing it."""

import re

import pytest
from playwright.sync_api import expect

from tests.integration.cli.running import Process
from tests.integration.web.browser import Screen

pytestmark = pytest.mark.nightly


def test_a_changed_file_is_planned_and_applied(admin: Screen, served: Process) -> None:
    with served.admin() as client:
        policy = next(each for each in client.get("/api/alert-policies").data if each["metric"] == "cpu")
        assert policy["warning"] == 70
    admin.open("/configuration")
    page = admin.page
    admin.press("Load current configuration")
    box = page.get_by_role("textbox", name="Configuration file")
    expect(box).to_have_value(re.compile("^# Configuration of monitor"))
    text = box.input_value()
    admin.press("Plan")
    expect(page.get_by_role("heading", name="No changes")).to_be_visible()
    expect(page.get_by_role("button", name="Apply")).to_be_disabled()
    box.fill(text.replace("warning: 70", "warning: 75", 1))
    expect(page.get_by_role("heading", name="No changes")).to_have_count(0)
    admin.press("Plan")
    expect(page.get_by_role("heading", name="1 change")).to_be_visible()
    change = page.get_by_role("listitem").filter(has_text="cpu of")
    expect(change).to_contain_text("70 → 75")
    expect(page.get_by_text("Alerts with a notification in these days: 0 now, 0 with this change")).to_be_visible()
    assert admin.axe_findings() == []
    admin.press("Apply")
    admin.dialog().get_by_role("button", name="Apply").click()
    admin.sees_notice("Applied")
    expect(page.get_by_role("heading", name="No changes")).to_be_visible()
    with served.admin() as client:
        stored = next(each for each in client.get("/api/alert-policies").data if each["id"] == policy["id"])
        assert stored["warning"] == 75


def test_a_broken_file_says_where(admin: Screen) -> None:
    admin.open("/configuration")
    page = admin.page
    page.get_by_role("textbox", name="Configuration file").fill("policies:\n  - {metric: cpu, warning: many}\n")
    admin.press("Plan")
    expect(page.get_by_role("alert")).to_be_visible()
    expect(page.locator(".problems li").first).to_be_visible()
