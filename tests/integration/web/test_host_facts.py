"""What a host is, on its page, on a desk and on a phone; a restart that it needs; and what last ran on it."""

import re
from typing import Any

import pytest
from playwright.sync_api import Browser, expect

from tests.integration.alerts import scene
from tests.integration.cli.running import Process
from tests.integration.web.browser import ADMIN, DESK, PHONE, Screen, screen

pytestmark = pytest.mark.nightly

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


@pytest.fixture(scope="module")
def silent(served: Process) -> int:
    """A host that reported once, with a process."""
    with served.admin() as client:
        scene.settings(client, offline_after=15)
        (host,) = scene.hosts(client, 1, [])
        more = {"interval": 4, "processes": [{"name": "postgres", "cpu": 12.5, "memory": 3.5}]}
        scene.report(served.port, scene.fleet_key(client), 12, ip_address=host.ip_address, **more)
    return host.id


@pytest.mark.nightly
@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
def test_a_host_that_is_offline_keeps_its_last_processes(browser: Browser, origin: str, silent: int, size: Any) -> None:
    with screen(browser, origin, ADMIN, viewport=size) as person:
        person.open(f"/servers/{silent}")
        expect(person.page.get_by_role("main")).to_contain_text("Offline", timeout=60_000)
        processes = person.page.get_by_role("group", name="Top processes")
        expect(processes).to_contain_text(re.compile(r"as of \d{1,2} \w{3} \d{4}, \d\d:\d\d"))
        expect(processes.get_by_role("row").filter(has_text="postgres")).to_contain_text("12.5")
        assert [] == person.axe_findings()
