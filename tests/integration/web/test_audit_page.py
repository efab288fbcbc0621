"""The audit log on its page: filters in the address, and files."""

import json
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.integration.cli.running import Process
from tests.integration.web.browser import Screen

pytestmark = pytest.mark.nightly


def test_a_search_can_be_shared_and_exported(admin: Screen, served: Process, tmp_path: Path) -> None:
    with served.admin() as client:
        client.post("/api/servers", {"server_name": "searched for", "ip_address": "10.66.0.1"})
        client.post("/api/api-keys", {"name": "another thing", "server_id": None})
    admin.open("/audit")
    expect(admin.page.get_by_text("another thing").first).to_be_visible()
    admin.page.get_by_label("Search").fill("Searched")
    expect(admin.page.get_by_text("another thing")).to_have_count(0)
    expect(admin.page.get_by_role("table").get_by_text("searched for").first).to_be_visible()
    assert "q=Searched" in admin.page.url
    with admin.page.expect_download() as download:
        admin.press("JSON")
    download.value.save_as(tmp_path / "audit.jsonl")
    entries = [json.loads(line) for line in (tmp_path / "audit.jsonl").read_text(encoding="utf-8").splitlines()]
    assert "searched for" in {entry["target"] for entry in entries}
    assert all("searched" in json.dumps(entry).lower() for entry in entries)
    assert download.value.suggested_filename.startswith("audit-20")


def test_a_link_shows_its_search_and_clearing_shows_everything(admin: Screen, served: Process) -> None:
    admin.open("/audit?action=session&username=nobody+of+that+name&from=2020-01-01T00:00:00Z")
    expect(admin.page.get_by_text("No matches")).to_be_visible()
    admin.press("Clear")
    expect(admin.page.get_by_role("table").get_by_text("Logged in").first).to_be_visible()
    assert "?" not in admin.page.url


def test_a_refused_filter_is_shown_with_its_reason(admin: Screen) -> None:
    admin.open("/audit?from=2030-01-02T00:00:00Z&to=2030-01-01T00:00:00Z")
    expect(admin.page.get_by_text("must be before the end")).to_be_visible()
