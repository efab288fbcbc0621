"""A full disk is one row of the overview and one thing of its incident, whatever policies watch it."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, expect

from tests.integration.alerts import scene
from tests.integration.alerts.mail_server import MailServer
from tests.integration.cli.client import Client
from tests.integration.cli.running import wait_for
from tests.integration.web.browser import ADMIN, DESK, PHONE, screen
from tests.integration.web.conftest import serving

pytestmark = pytest.mark.nightly

MINUTES = 70
"""As long as the forecast looks back, and a bit more."""


def fill(client: Client, port: int) -> None:
    """A disk that fills up and is nearly full: a threshold for each of its names, and a forecast."""
    server_id = client.post("/api/servers", {"server_name": "db-1", "ip_address": "10.0.0.1"}).data["id"]
    at_once = {"sustained_for": 0, "scope": {"server_id": server_id}}
    client.post("/api/alert-policies", {"metric": "disk:/", "warning": 80, **at_once})
    forecast = {"metric": "disk", "kind": "forecast", "warning": 100, "over": 3600, "within": 86_400, **at_once}
    assert client.post("/api/alert-policies", forecast).data
    key, now = scene.fleet_key(client), datetime.now(UTC)
    for minute in range(MINUTES + 1):
        used = round(97 - (MINUTES - minute) / 12, 2)
        metrics = {"cpu_value": 10, "memory_value": 20, "disk_value": used, "extra": {"disk:/": used}}
        at = now - timedelta(minutes=MINUTES - minute)
        scene.report(
            port, key, 10, ip_address="10.0.0.1", recorded_at=f"{at:%Y-%m-%d %H:%M:%S}", interval=60, metrics=metrics
        )


@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
def test_a_full_disk_is_one_row(
    built_screen: None, browser: Browser, mailbox: MailServer, tmp_path: Path, size: Any
) -> None:
    with serving(tmp_path, mailbox) as running, running.admin() as client:
        scene.quick_policies(client)
        fill(client, running.port)
        wait_for(
            lambda: len(client.get("/api/alerts?state=firing").data) == 3, lambda: str(client.get("/api/alerts").data)
        )
        stored = client.get("/api/alerts?state=firing").data
        assert {"disk", "disk:/"} == {each["metric"] for each in stored}
        with screen(browser, running.origin, ADMIN, viewport=size) as admin:
            admin.open("/")
            card = admin.page.get_by_role("region", name="Needs attention")
            expect(card.get_by_role("listitem")).to_have_count(1)
            row = card.get_by_role("listitem")
            for text in ("Critical", "db-1", "97", "full"):
                expect(row).to_contain_text(text)
        wait_for(lambda: len(client.get("/api/incidents").data) == 1, "an incident")
        [incident] = client.get("/api/incidents").data
        assert "more" not in incident["title"]
