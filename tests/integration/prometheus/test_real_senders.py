"""A real Prometheus and a real vmagent scrape a real node-exporter: nothing is lost, doubled or wrong."""

import json
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import quote

import pytest

from tests.integration.cli.running import Process, server, wait_for
from tests.integration.prometheus.recomputed import Raw, by_time, samples
from tests.integration.prometheus.senders import Program, node_exporter, prometheus, running, vmagent
from tests.integration.victoria import Victoria, private_victoria

WRITE = "/api/prometheus/write"
AWAY = threading.Event()
NODE = '{job="node"}'


@pytest.fixture
def exporter(tmp_path: Path) -> Iterator[Program]:
    program = node_exporter(tmp_path / "exporter")
    with running(program):
        yield program


@pytest.fixture
def monitor(tmp_path: Path) -> Iterator[Process]:
    (tmp_path / "monitor").mkdir()
    with server(tmp_path / "monitor") as process:
        yield process


def new_key(monitor: Process, address: str | None = None) -> str:
    """Return the key of a new server, or with an *address* of the fleet, beside a server of that address."""
    with monitor.admin() as client:
        made = client.post("/api/servers", {"server_name": "host", "ip_address": address or "10.0.0.5"}).data
        body = {"name": "prometheus"} | ({} if address else {"server_id": made["id"]})
        return str(client.post("/api/api-keys", body).data["key"])


def stored(monitor: Process) -> list[tuple[int, dict[str, float]]]:
    """Return the times in milliseconds, which the API does not show, and the values of all samples."""
    [file] = monitor.data.rglob("*.db")
    wanted = "SELECT recorded_at, cpu_value, memory_value, disk_value, extra FROM monitor_data ORDER BY recorded_at"
    with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as connection:
        rows = connection.execute(wanted).fetchall()
    return [
        (_milliseconds(at), {"cpu": cpu, "memory": memory, "disk": disk, **json.loads(extra)})
        for at, cpu, memory, disk, extra in rows
    ]


def _milliseconds(text: str) -> int:
    return round(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp() * 1000)


def of_prometheus(program: Program) -> Raw:
    answer = program.get(f"/api/v1/query?query={quote(f'{NODE}[5m]')}")
    assert answer is not None
    found = json.loads(answer)["data"]["result"]
    return by_time((each["metric"], [(round(at * 1000), float(v)) for at, v in each["values"]]) for each in found)


def of_victoria(victoria: Victoria) -> Raw:
    victoria.settle()
    answer = victoria.get(f"/api/v1/export?match[]={quote(NODE)}")
    assert answer is not None
    found = [json.loads(line) for line in answer.splitlines()]
    return by_time(
        (each["metric"], [(at, v) for at, v in zip(each["timestamps"], each["values"], strict=True) if v is not None])
        for each in found
    )


def check(monitor: Process, raw: Raw, at_least: int) -> None:
    """Every scrape but the first, and perhaps the very last, has one sample with the values recomputed."""
    rows = stored(monitor)
    found = dict(rows)
    assert len(found) == len(rows), "a sample is there twice"
    wanted = samples(raw)
    assert at_least <= len(found)
    assert set() == {at for at in wanted if at < max(found)} - found.keys(), "a scrape has no sample"
    # A sender that stops may have sent its last scrape here alone.
    found = {at: values for at, values in found.items() if at <= max(wanted)}
    assert set() == found.keys() - wanted.keys()
    for at, values in found.items():
        for name, value in wanted[at].items():
            assert values[name] == pytest.approx(value, abs=0.006, rel=1e-6), (at, name)


def grows(monitor: Process, more: int) -> None:
    before = len(stored(monitor))
    wait_for(lambda: len(stored(monitor)) >= before + more, f"{more} more samples")


def test_prometheus_whose_requests_are_smaller_than_a_scrape(monitor: Process, exporter: Program, tmp_path: Path):
    sender = prometheus(
        tmp_path / "prometheus", exporter.address, monitor.origin + WRITE, new_key(monitor), samples_per_send=150
    )
    with running(sender):
        grows(monitor, 4)
        monitor.kill()
        AWAY.wait(2.5)  # while it goes on to scrape
        monitor.start()
        grows(monitor, 5)
        sender.stop()
        sender.start()
        grows(monitor, 4)
        check(monitor, of_prometheus(sender), 12)


def test_vmagent_whose_backlog_comes_after_newer_blocks(monitor: Process, exporter: Program, tmp_path: Path):
    (tmp_path / "victoria").mkdir()
    with private_victoria(tmp_path / "victoria") as victoria:
        key = new_key(monitor, address="127.0.0.1")
        sender = vmagent(
            tmp_path / "vmagent", exporter.address, monitor.origin + WRITE, key, also=victoria.url + "/api/v1/write"
        )
        with running(sender):
            grows(monitor, 4)
            monitor.kill()
            AWAY.wait(2.5)
            monitor.start()
            grows(monitor, 5)
            sender.stop()
            sender.start()
            grows(monitor, 4)
            sender.stop()
            check(monitor, of_victoria(victoria), 12)


def test_a_killed_sender_doubles_nothing(monitor: Process, exporter: Program, tmp_path: Path):
    sender = prometheus(tmp_path / "prometheus", exporter.address, monitor.origin + WRITE, new_key(monitor))
    with running(sender):
        grows(monitor, 3)
        sender.stop(kill=True)
        sender.start()
        grows(monitor, 3)
        times = [at for at, _ in stored(monitor)]
        assert len(set(times)) == len(times)
        assert set(times) <= samples(of_prometheus(sender)).keys()
