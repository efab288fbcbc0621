"""Simulated hosts report as often as the machine allows."""

from datetime import timedelta

import pytest

from monitor.adapters.memory.fakes import FixedClock
from monitor.cli.live_feed import LiveFeed
from monitor.demo.hosts import address, fleet_size
from monitor.domain.fleet.servers import Server


def test_the_size_of_the_fleet_in_the_database():
    assert 0 == fleet_size([])
    for count in (1, 250, 251, 4_000, 64_000, 64_001, 100_000):
        servers = [_server(address(index)) for index in (count - 1, 0)]
        assert count == fleet_size([*servers, _server("192.0.2.1"), _server("2001:db8::1")])


@pytest.mark.parametrize(
    ("reported", "taken", "pace"), [(15, 14, "each every 15 s"), (1, 4, "each every 15 s"), (15, 16, "each every 30 s")]
)
def test_hosts_report_half_as_often_if_reporting_takes_too_long(
    capsys: pytest.CaptureFixture[str], reported: int, taken: int, pace: str
):
    feed = LiveFeed("http://127.0.0.1:1", "key", [], 15)
    feed.keep_up(timedelta(seconds=reported), timedelta(seconds=taken))
    assert pace == feed.pace
    assert (pace in capsys.readouterr().err) is (pace != "each every 15 s")


def _server(ip_address: str) -> Server:
    return Server(name="one", ip_address=ip_address, created_at=FixedClock().now())
