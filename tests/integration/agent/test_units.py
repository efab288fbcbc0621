"""Units of systemd over a real bus, and over sockets that hang or send rubbish."""

import struct
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from monitor.adapters.agent.probes import units as module
from monitor.adapters.agent.probes.dbus import LONGEST_ANSWER, Body, Bus, DBusError
from monitor.adapters.agent.probes.sources import systemd_socket
from monitor.adapters.agent.probes.units import Units
from tests.integration.agent.api import Api, wait_for
from tests.integration.agent.running import agent
from tests.integration.agent.sockets import answering
from tests.integration.agent.systemd import Systemd, bus, texts

STATES = {"nginx.service": "active", "postgresql@15-main.service": "reloading", "postgresql@16.service": "failed"}


@pytest.fixture
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    with bus(tmp_path) as found:
        monkeypatch.setenv("DBUS_SYSTEM_BUS_ADDRESS", f"unix:path={found}")
        yield found


@pytest.fixture
def systemd(path: str) -> Iterator[Systemd]:
    found = Systemd(path, dict(STATES), failed=2)
    yield found
    found.close()


def test_units_and_how_many_failed(systemd):
    units = Units(["nginx", "postgresql@*", "gone.timer"], systemd_socket)
    assert dict(units.read()) == {
        "units_failed": 2.0,
        "unit:nginx.service": 1.0,
        "unit:gone.timer": 0.0,
        "unit:postgresql_15-main.service": 1.0,
        "unit:postgresql_16.service": 0.0,
    }
    assert systemd.patterns == [["nginx.service", "postgresql@*", "gone.timer"]]


def test_a_unit_that_systemd_unloaded_is_not_active(systemd):
    units = Units(["postgresql@*"], systemd_socket)
    units.read()
    systemd.units = {}
    assert dict(units.read())["unit:postgresql_15-main.service"] == 0.0


def test_without_patterns_only_the_failed_are_asked_for(systemd):
    assert Units([], systemd_socket).read() == [("units_failed", 2.0)]
    assert systemd.patterns == []


def test_a_bus_without_systemd_is_an_error(path):
    with pytest.raises(DBusError, match=r"ServiceUnknown|NameHasNoOwner"):
        Units([], systemd_socket).read()


def test_no_bus_is_an_error(monkeypatch):
    monkeypatch.setenv("DBUS_SYSTEM_BUS_ADDRESS", "unix:path=/nowhere")
    with pytest.raises(FileNotFoundError):
        Units(["x"], systemd_socket).read()


def test_many_units(systemd):
    """More than a message of usual size, and more than are reported."""
    systemd.units = {f"worker@{number:04}.service": "active" for number in range(1000)}
    found = dict(Units(["worker@*"], systemd_socket).read())
    assert len(found) == 1 + module.MOST_UNITS


RUBBISH = {
    "nothing": b"",
    "text": b"HTTP/1.1 400 Bad Request\r\n\r\n",
    "no end": b"x" * 100_000,
    "another order": b"OK x\r\n" + b"B" + b"\0" * 100,
    "a huge message": b"OK x\r\n" + struct.pack("<4B3I", 108, 2, 0, 1, 2**31, 1, 2**31),
    "a cut one": b"OK x\r\n" + struct.pack("<4B3I", 108, 2, 0, 1, 100, 1, 8) + b"\0" * 8,
}


@pytest.mark.parametrize("rubbish", RUBBISH.values(), ids=RUBBISH)
def test_rubbish_is_an_error(tmp_path, rubbish):
    def send(peer):
        peer.recv(100)
        peer.sendall(rubbish)

    with answering(tmp_path / "s", send) as path, pytest.raises((OSError, ValueError, struct.error)):
        Bus(path, 2.0)


def test_a_peer_that_never_ends_is_given_up(tmp_path):
    """Ten gigabytes would come; a megabyte is read."""

    def flood(peer):
        peer.recv(100)
        peer.sendall(b"OK x\r\n")
        while True:
            peer.sendall(struct.pack("<4B3I", 108, 4, 0, 1, 2**15 - 16, 1, 0) + b"\0" * (2**15 - 16))

    with answering(tmp_path / "s", flood) as path, pytest.raises(ValueError, match=r"too long|does not come"):
        Bus(path, 5.0)
    assert LONGEST_ANSWER <= 2**20


def test_a_peer_that_hangs_is_given_up(tmp_path):
    began = time.monotonic()
    with answering(tmp_path / "s", lambda _peer: time.sleep(20)) as path, pytest.raises(TimeoutError):
        Bus(path, 0.3)
    assert time.monotonic() - began < 3


@pytest.mark.parametrize(
    ("signature", "data"),
    [
        ("v", b"\2av\0" + b"\0" * 8),
        ("v", b"\1v\0" + b"\0" * 8),
        ("as", struct.pack("<I", 2**31)),
        ("s", struct.pack("<I", 100) + b"x"),
        ("a(yv)", struct.pack("<II", 8, 0) + b"\1\1z\0\0\0\0\0"),
    ],
)
def test_values_that_do_not_fit_their_type_are_errors(signature, data):
    with pytest.raises((ValueError, LookupError, struct.error)):
        Body(data).value(signature)


def test_values_of_each_type():
    data = struct.pack("<BxhIqd", 7, -3, 9, -5, 0.5) + texts(["Größe"])
    found = Body(data)
    assert [found.value(kind) for kind in "ynuxds"] == [7, -3, 9, -5, 0.5, "Größe"]


def test_an_agent_reports_them_and_a_bus_that_hangs_delays_no_sample(api: Api, tmp_path, path):
    systemd = Systemd(path, dict(STATES), failed=1)
    own = agent(
        tmp_path,
        API_URL=api.url,
        AGENT_UNITS="nginx",
        AGENT_CONTAINERS="off",
        DBUS_SYSTEM_BUS_ADDRESS=f"unix:path={path}",
    )
    with own as running:
        wait_for(lambda: "unit:nginx.service" in api.extra, "the unit's state")
        systemd.units["nginx.service"] = "failed"
        wait_for(lambda: api.extra.get("unit:nginx.service") == 0, "its end")
        systemd.close()
        wait_for(lambda: api.requests and "unit:nginx.service" not in api.extra, "samples without it")
        assert running.stop() == 0
    assert len([line for line in running.said if "AGENT_UNITS" in line]) == 1
