"""What a host is, on its page, on a desk and on a phone; and an alert on a restart that it needs."""

from typing import Any

import pytest
from playwright.sync_api import Browser, expect

from tests.integration.cli.running import Process
from tests.integration.web.browser import ADMIN, DESK, PHONE, Screen, screen

FACTS = {
    "kernel": "6.12.48+deb13-amd64",
    "architecture": "x86_64",
    "cpu": "Intel(R) Xeon(R) Platinum 8481C CPU @ 2.70GHz",
    "cores": 8,
    "memory": 33_656_958_976,
    "swap": 4_294_963_200,
    "disks": {"/": 105_089_261_568, "/srv/a-rather-long-name-of-a-mount-point": 7_681_501_126_656},
}
EXTRA = {"uptime": 86_400.0, "reboot_needed": 1.0, "unexpected_restart": 0.0}
WORDS = ("Debian GNU/Linux 13 (trixie)", "6.12.48+deb13-amd64 · x86_64", "8 cores", "33.7 GB", "/ 105 GB", "7.68 TB")


@pytest.fixture(scope="module")
def host(served: Process) -> int:
    with served.admin() as admin:
        server_id: int = admin.post("/api/servers", {"server_name": "web-1", "ip_address": "10.0.0.1"}).data["id"]
        key = admin.post("/api/api-keys", {"name": "web-1", "server_id": server_id}).data["key"]
    metrics: dict[str, Any] = {"cpu_value": 12, "memory_value": 40, "disk_value": 61, "extra": EXTRA}
    said = {"version": "1.0.0", "os": "Debian GNU/Linux 13 (trixie)", "facts": FACTS}
    with served.client(key) as agent:
        assert agent.post("/api/monitor/data", {"metrics": metrics, "agent": said}).status == 200
    return server_id


@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
def test_the_page_of_a_server_says_what_it_is(browser: Browser, origin: str, host: int, size: Any) -> None:
    with screen(browser, origin, ADMIN, viewport=size) as person:
        person.open(f"/servers/{host}")
        card = person.page.get_by_label("Host", exact=True)
        for words in WORDS:
            expect(card).to_contain_text(words)
        expect(card.locator("div").filter(has_text="Reboot needed")).to_contain_text("yes")
        expect(card).not_to_contain_text("Unexpected restart")
        assert person.page.evaluate("document.documentElement.scrollWidth") <= size["width"]
        assert person.axe_findings() == []


def test_a_policy_notices_that_a_restart_is_needed(admin: Screen, host: int) -> None:
    admin.open("/policies/new?metric=reboot_needed")
    admin.press("Create")
    expect(admin.page.get_by_role("heading", name="Reboot needed")).to_be_visible()
