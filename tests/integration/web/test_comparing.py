"""Hosts are compared in one chart for each metric, on a desk and on a phone; charts say what they show in numbers."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Literal

import pytest
from playwright.sync_api import Browser, Locator, expect

from tests.integration.alerts import scene
from tests.integration.alerts.mail_server import MailServer
from tests.integration.cli.running import Process
from tests.integration.web.browser import ADMIN, DESK, PHONE, Screen, screen
from tests.integration.web.conftest import serving

pytestmark = pytest.mark.nightly

MINUTES = 50
CPU = {"host-1-0": 20, "host-1-1": 60, "host-1-2": 100}
"""Of each host at each minute; the last has a line at the upper edge."""


@pytest.fixture(scope="module")
def served(built_screen: None, mailbox: MailServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Process]:
    """Three hosts of one tag with 50 minutes of samples; the last fires an alert with the processes of that moment."""
    with serving(tmp_path_factory.mktemp("comparing"), mailbox) as running:
        now = datetime.now(UTC).replace(microsecond=0)
        with running.admin() as client:
            scene.quick_policies(client)
            hosts = scene.hosts(client, len(CPU), [])
            client.post(
                "/api/servers/batch", {"action": "add_tags", "tags": ["web"], "server_ids": [host.id for host in hosts]}
            )
            key = scene.fleet_key(client)
        for host, cpu in zip(hosts, CPU.values(), strict=True):
            for age in range(MINUTES, -1, -1):
                metrics = {"cpu_value": cpu, "memory_value": age, "disk_value": 20, "extra": {"processes": 100 + age}}
                with running.client(key) as agent:
                    body = {
                        "ip_address": host.ip_address,
                        "recorded_at": f"{now - timedelta(minutes=age):%Y-%m-%dT%H:%M:%SZ}",
                        "metrics": metrics,
                        "processes": [{"name": f"busy-{age}", "cpu": cpu, "memory": 1}],
                        "interval": 60,
                    }
                    assert 200 == agent.post("/api/monitor/data", body).status
        yield running


@pytest.fixture(params=[DESK, PHONE], ids=["desk", "phone"])
def person(request: pytest.FixtureRequest, browser: Browser, served: Process) -> Iterator[Screen]:
    with screen(browser, served.origin, ADMIN, viewport=request.param) as shown:
        yield shown


def test_hosts_are_compared_and_their_charts_say_what_they_show(person: Screen) -> None:
    """Those chosen in the list, then those of the same tag."""
    choose_in_list(person, "host-1-0", "host-1-2")
    expect(person.heading).to_have_text("Compare servers")
    expect(line(person, "CPU", "host-1-2")).to_have_text(re.compile(r"host-1-2\s*min 100\s%\s*avg 100\s%\s*max 100\s%"))
    expect(line(person, "Memory", "host-1-0")).to_have_text(re.compile(rf"min 0\s%\s*avg 25\s%\s*max {MINUTES}\s%"))
    line(person, "Memory", "host-1-0").click()
    expect(line(person, "CPU", "host-1-0")).to_have_attribute("aria-pressed", "false")
    assert [] == person.axe_findings()
    assert_one_cursor(person)
    person.open("/servers/3?range=1h")
    chart = person.page.get_by_role("region", name="Processes", exact=True)
    chart.scroll_into_view_if_needed()
    expect(chart.get_by_role("cell", name=f"busy-{MINUTES}")).to_be_visible()
    expect(chart).to_contain_text(re.compile(rf"min 100\s*avg 125\s*max {100 + MINUTES}"))
    person.press("Compare")
    person.page.get_by_role("menuitem", name="With others tagged web").click()
    expect(person.page).to_have_url(re.compile(r"servers=3,1,2&range=1h"))
    expect(line(person, "Disk", "host-1-1")).to_be_visible()


def choose_in_list(person: Screen, *names: str) -> None:
    person.open("/servers")
    for name in names:
        role: Literal["gridcell", "checkbox"] = "gridcell" if person.page.viewport_size == DESK else "checkbox"
        person.page.get_by_role(role, name=f"Select {name}").click()
    person.press("Compare")


def assert_one_cursor(person: Screen) -> None:
    """Moved by keyboard in one chart, it is at the same time in all."""
    person.page.locator("[role=application]").first.focus()
    person.page.keyboard.press("ArrowLeft")
    times = person.page.locator(".moment time")
    expect(times).to_have_count(3)
    assert 1 == len(set(times.all_inner_texts()))
    expect(line(person, "Memory", "host-1-2")).to_have_text(re.compile(r"value 0\s%|avg 0\s%"))


def line(person: Screen, metric: str, host: str) -> Locator:
    """Of the legend of a chart."""
    chart = person.page.get_by_role("region", name=metric, exact=True)
    return chart.get_by_role("button").filter(has_text=host)
