"""Hosts are compared in one chart for each metric, on a desk and on a phone; charts say what they show in numbers."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Browser, Locator, expect

from tests.integration.alerts import scene
from tests.integration.alerts.mail_server import MailServer
from tests.integration.cli.running import Process
from tests.integration.web.browser import ADMIN, DESK, PHONE, Screen, screen
from tests.integration.web.conftest import serving

MINUTES = 50
CPU = {"host-1-0": 20, "host-1-1": 60, "host-1-2": 100}
"""Of each host at each minute; the last has a line at the upper edge."""
UNKNOWN = 4711


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


def line(person: Screen, metric: str, host: str) -> Locator:
    """Of the legend of a chart."""
    chart = person.page.get_by_role("region", name=metric, exact=True)
    return chart.get_by_role("button").filter(has_text=host)


def test_hosts_are_chosen_in_the_list_and_compared(person: Screen) -> None:
    person.open("/servers")
    for name in ("host-1-0", "host-1-2"):
        boxes = person.page.get_by_role("gridcell" if person.page.viewport_size == DESK else "checkbox")
        boxes.and_(person.page.get_by_label(f"Select {name}")).click()
    person.press("Compare")
    expect(person.heading).to_have_text("Compare servers")
    expect(line(person, "CPU", "host-1-0")).to_have_text(re.compile(r"min 20\s%\s*avg 20\s%\s*max 20\s%"))
    expect(line(person, "CPU", "host-1-2")).to_have_text(re.compile(r"max 100\s%"))
    expect(line(person, "Memory", "host-1-0")).to_have_text(re.compile(rf"min 0\s%\s*avg 25\s%\s*max {MINUTES}\s%"))
    line(person, "Memory", "host-1-0").click()
    expect(line(person, "CPU", "host-1-0")).to_have_attribute("aria-pressed", "false")
    person.page.reload()
    expect(line(person, "CPU", "host-1-2")).to_be_visible()
    assert [] == person.axe_findings()


def test_one_cursor_moves_in_all_charts(person: Screen) -> None:
    person.open("/servers/compare?servers=1,2&metrics=cpu,memory&range=1h")
    charts = person.page.locator("[role=application]")
    expect(charts).to_have_count(2)
    charts.first.focus()
    person.page.keyboard.press("ArrowLeft")
    times = person.page.locator(".moment time")
    expect(times).to_have_count(2)
    assert times.nth(0).inner_text() == times.nth(1).inner_text()
    expect(line(person, "Memory", "host-1-1")).to_have_text(re.compile(r"avg 0\s%|value 0\s%"))


def test_a_server_that_a_person_does_not_see_is_said_once(person: Screen) -> None:
    person.open(f"/servers/compare?servers=1,2,{UNKNOWN}")
    expect(
        person.page.get_by_text(f"1 server is missing: it was deleted, or is not shared with you (#{UNKNOWN}).")
    ).to_have_count(1)
    expect(line(person, "Disk", "host-1-1")).to_be_visible()


def test_a_server_is_compared_with_others_of_its_tag(person: Screen) -> None:
    person.open("/servers/2?range=1h")
    person.press("Compare")
    person.page.get_by_role("menuitem", name="With others tagged web").click()
    expect(person.page).to_have_url(re.compile(r"servers=2,1,3&range=1h"))
    expect(line(person, "CPU", "host-1-2")).to_be_visible()


def test_processes_are_those_of_the_alert_that_is_nearest(person: Screen) -> None:
    person.open("/servers/3?range=1h")
    chart = person.page.get_by_role("region", name="Processes", exact=True)
    expect(chart).to_contain_text("Top processes at")
    expect(chart.get_by_role("cell", name=f"busy-{MINUTES}")).to_be_visible()
    expect(chart).to_contain_text(re.compile(rf"min 100\s*avg 125\s*max {100 + MINUTES}"))
