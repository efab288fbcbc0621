"""What docs/prometheus.md says to write and to run: read from it, and run, with addresses, paths and keys of here."""

import re
import shlex
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.integration.cli.running import Process
from tests.integration.prometheus.receiver import grows, new_key, stored
from tests.integration.prometheus.senders import Program, running, scraping

pytestmark = pytest.mark.nightly

DOCUMENT = Path(__file__).parents[3] / "docs" / "prometheus.md"
SERVER, FLEET_KEY = "https://monitor.example.com", "mf_…"


def block(language: str, holding: str, here: Mapping[str, str]) -> str:
    """Return the one block of the *language* that holds a text, with what is otherwise *here*."""
    blocks = re.findall(rf"^```{language}\n(.*?)^```", DOCUMENT.read_text(), re.MULTILINE | re.DOTALL)
    [found] = [each for each in blocks if holding in each]
    for there, text in here.items():
        assert there in found, f"the document no longer says {there}"
        found = found.replace(there, text)
    return str(found)


def check_newest(monitor: Process) -> None:
    _, newest = stored(monitor)[-1]
    assert {"cpu", "memory", "disk", "load1", "uptime", "disk:/"} <= newest.keys()


def test_both_ways_of_prometheus(monitor: Process, exporter: Program, tmp_path: Path):
    here = {SERVER: monitor.origin, FLEET_KEY: new_key(monitor, address="127.0.0.1")}
    for way in ("authorization", "basic_auth"):
        sender = Program(tmp_path / way, "prometheus")
        config = sender.directory / "prometheus.yml"
        config.write_text(scraping(exporter.address) + block("yaml", way, here))
        sender.flags = [f"--config.file={config}", f"--web.listen-address={sender.address}"]
        with running(sender):
            grows(monitor, 2)
    check_newest(monitor)


def test_vmagent_on_the_host(monitor: Process, exporter: Program, tmp_path: Path):
    sender = Program(tmp_path / "vmagent", "vmagent")
    config, key = sender.directory / "vmagent.yml", sender.directory / "vmagent.key"
    scraped = {"127.0.0.1:9100": exporter.address, "scrape_interval: 15s": "scrape_interval: 1s, scrape_timeout: 1s"}
    config.write_text(block("yaml", "scrape_configs", scraped))
    key.write_text(new_key(monitor) + "\n")
    here = {
        SERVER: monitor.origin,
        "/etc/vmagent.yml": str(config),
        "/etc/vmagent.key": str(key),
        "/var/lib/vmagent": str(sender.directory / "queue"),
        "127.0.0.1:8429": sender.address,
    }
    program, *sender.flags = shlex.split(block("sh", "vmagent", here).replace("\\\n", ""))
    assert "vmagent" == program
    with running(sender):
        grows(monitor, 2)
    check_newest(monitor)
