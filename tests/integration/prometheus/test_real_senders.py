"""A real Prometheus and a real vmagent scrape a real node-exporter: nothing is lost, doubled or wrong."""

import json
import threading
import time
from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote

import pytest

from tests.integration.cli.running import DEADLINE, Process
from tests.integration.prometheus.receiver import WRITE, grows, new_key, stored
from tests.integration.prometheus.recomputed import Raw, by_time, samples
from tests.integration.prometheus.senders import Program, prometheus, running, vmagent
from tests.integration.victoria import Victoria, private_victoria

pytestmark = pytest.mark.nightly

AWAY = threading.Event()
NODE = '{job="node"}'


def of_prometheus(program: Program) -> Raw:
    answer = program.get(f"/api/v1/query?query={quote(f'{NODE}[1h]')}")
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
    """Every scrape but the first has one sample, with the values recomputed."""
    rows = stored(monitor)
    found, wanted = dict(rows), samples(raw)
    assert len(found) == len(rows), "a sample is there twice"
    assert at_least <= len(found)
    assert set() == wanted.keys() - found.keys(), "a scrape has no sample"
    assert set() == found.keys() - wanted.keys(), "a sample has no scrape"
    for at, values in found.items():
        for name, value in wanted[at].items():
            assert values[name] == pytest.approx(value, abs=0.006, rel=1e-6), (at, name)


def check_once_all_is_there(monitor: Process, exporter: Program, raw: Callable[[], Raw], at_least: int) -> None:
    """Stop the scrapes, and check once both sides have the same.

    A sender has a queue for each side, and delivers neither in order: while it scrapes, or when it is stopped, either
    side may lack what the other has, also in the middle.
    """
    exporter.stop()
    give_up = time.monotonic() + DEADLINE
    while True:
        try:
            return check(monitor, raw(), at_least)
        except AssertionError:
            if time.monotonic() > give_up:
                raise
        AWAY.wait(0.5)


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
        check_once_all_is_there(monitor, exporter, lambda: of_prometheus(sender), 12)


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
            check_once_all_is_there(monitor, exporter, lambda: of_victoria(victoria), 12)


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
