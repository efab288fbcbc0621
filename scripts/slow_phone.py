"""Measure how long a slow phone takes to show the overview's figures: `python -m scripts.slow_phone`.

Prints the median seconds of five first visits, with nothing in the cache and the processor four times slower, over two
networks: that of Lighthouse's mobile test, and Chrome's preset "Slow 4G", whose requests each wait for half a second.
"""

import re
import tempfile
import time
from pathlib import Path
from statistics import median

from playwright.sync_api import Browser, expect

from tests.integration.alerts import scene
from tests.integration.alerts.reporters import Host
from tests.integration.cli.running import Process, server
from tests.integration.web.browser import ADMIN, PHONE, chromium, screen

NETWORKS = {"Lighthouse": (150.0, 1_638.4), "Slow 4G": (562.5, 1_440.0)}
"""Milliseconds of each request, and kbit/s of answers."""
SLOWER = 4
HOSTS, VISITS = 20, 5
SAMPLE = {"cpu_value": 20, "memory_value": 40, "disk_value": 60}


def main() -> None:
    with tempfile.TemporaryDirectory() as home, server(Path(home)) as running, chromium() as browser:
        _report(running)
        for name, (wait, speed) in NETWORKS.items():
            seconds = median(_visit(browser, running.origin, wait, speed) for _ in range(VISITS))
            print(f"{name}: {seconds:.1f} s")


def _report(running: Process) -> None:
    with running.admin() as admin:
        hosts: list[Host] = scene.hosts(admin, HOSTS, [])
        key = scene.fleet_key(admin)
    with running.client(key) as agent:
        for host in hosts:
            _ = agent.post("/api/monitor/data", {"ip_address": host.ip_address, "metrics": SAMPLE}).data


def _visit(browser: Browser, origin: str, wait: float, speed: float) -> float:
    with screen(browser, origin, ADMIN, viewport=PHONE, locale="en-US") as person:
        page = person.context.new_page()
        session = person.context.new_cdp_session(page)
        session.send("Network.enable")
        session.send("Network.clearBrowserCache")
        bytes_per_second = speed * 1000 / 8
        network = {"offline": False, "latency": wait, "downloadThroughput": bytes_per_second, "uploadThroughput": -1}
        session.send("Network.emulateNetworkConditions", network)
        session.send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
        began = time.monotonic()
        page.goto(origin, wait_until="commit")
        expect(page.locator(".tiles .count").first).to_have_text(re.compile(r"\d"))
        return time.monotonic() - began


if __name__ == "__main__":
    main()
