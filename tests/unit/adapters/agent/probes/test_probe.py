"""The probe on this machine, and on machines where readings are forbidden or missing."""

import math
from types import SimpleNamespace
from typing import Any

import psutil
import pytest

from monitor.adapters.agent.clock import Moment, now
from monitor.adapters.agent.probes.devices import file_systems, real_disks, real_interfaces
from monitor.adapters.agent.probes.probe import Sampler
from monitor.adapters.agent.probes.sample import UnreadableError, system_reader


class Machine:
    """psutil in a sandbox: everything that is not set here raises PermissionError."""

    def __init__(self, **readings: Any) -> None:
        self._readings = {
            "cpu_percent": 12.5,
            "virtual_memory": SimpleNamespace(percent=40.0, total=1_000),
            "disk_usage": SimpleNamespace(percent=70.0),
            **readings,
        }

    def __getattr__(self, name: str) -> Any:
        def read(*args: Any, **kwargs: Any) -> Any:
            if name not in self._readings:
                raise PermissionError(1, "Operation not permitted")
            value = self._readings[name]
            return value(*args, **kwargs) if callable(value) else value

        return read


def sampler(ps: Any, interval: float = 15.0) -> Sampler:
    return Sampler(interval, ps, lambda _line: None)


def sampled(machine: Machine) -> dict[str, Any]:
    """The metrics of 15 seconds."""
    it = sampler(machine)
    it.prime(Moment(100.0, 100.0, 0))
    metrics: dict[str, Any] = it.sample(Moment(115.0, 115.0, 0))["metrics"]
    return metrics


@pytest.mark.parametrize("ps", [psutil, system_reader()])
def test_this_machine(ps):
    it = sampler(ps)
    it.prime(now())
    body = it.sample(now())
    assert [list(process) for process in body["processes"][:1]] == [["name", "cpu", "memory"]]
    metrics = body["metrics"]
    assert 0 <= metrics["cpu_value"] <= 100
    assert 0 < metrics["memory_value"] <= 100
    assert 0 < metrics["disk_value"] <= 100
    assert {"load1", "load5", "load15", "uptime"} <= metrics["extra"].keys()
    assert all(math.isfinite(value) for value in metrics["extra"].values())
    assert metrics["disk_value"] == round(min(100, psutil.disk_usage("/").percent), 2)


def test_forbidden_readings_are_left_out():
    metrics = sampled(Machine())
    assert [metrics[f"{name}_value"] for name in ("cpu", "memory", "disk")] == [12.5, 40.0, 70.0]
    assert not {"swap", "net_rx", "disk_read", "temperature", "disk:/"} & metrics["extra"].keys()


@pytest.mark.parametrize(("interval", "written"), [(15.0, 15), (2.5, 2.5)])
def test_a_sample_has_the_fields_of_the_api(interval, written):
    machine = Machine(boot_time=0.0, virtual_memory=SimpleNamespace(percent=67.8, total=1_000))
    body = sampler(machine, interval).sample(Moment(100.0, 100.0, 1_704_067_200_001_999_999))
    metrics = body["metrics"]
    assert (metrics["cpu_value"], metrics["memory_value"], metrics["disk_value"]) == (12.5, 67.8, 70.0)
    assert (body["recorded_at"], body["interval"]) == ("2024-01-01 00:00:00.001", written)
    assert type(body["interval"]) is type(written)
    assert "ip_address" not in body


def test_percentages_beyond_their_range_are_clamped():
    metrics = sampled(Machine(cpu_percent=104.2, swap_memory=SimpleNamespace(percent=-1.0)))
    assert (metrics["cpu_value"], metrics["extra"]["swap"]) == (100.0, 0.0)


def test_without_cpu_memory_or_disk_there_is_no_sample():
    machine = Machine(cpu_percent=lambda: 1 / 0)
    with pytest.raises(UnreadableError, match="CPU cannot be read: ZeroDivisionError"):
        sampled(machine)


def test_rates_are_those_of_real_interfaces():
    totals = iter([0, 0, 3_000])
    machine = Machine(
        net_io_counters=lambda **_: {
            "lo": SimpleNamespace(bytes_recv=10**9, bytes_sent=10**9),
            "no-such-nic0": SimpleNamespace(bytes_recv=next(totals), bytes_sent=0),
        }
    )
    metrics = sampled(machine)
    assert (metrics["extra"]["net_rx"], metrics["extra"]["net_tx"]) == (200.0, 0.0)


def test_each_file_system_by_its_mountpoint(tmp_path):
    def use(path: str) -> SimpleNamespace:
        return SimpleNamespace(percent=81.234 if path == str(tmp_path) else 10.0)

    machine = Machine(disk_partitions=lambda **_: [mount("/dev/sdb1", str(tmp_path))], disk_usage=use)
    extra = sampled(machine)["extra"]
    (name,) = (name for name in extra if name.startswith("disk:"))
    assert extra[name] == 81.23


def test_a_file_system_that_cannot_be_read_is_left_out_alone(tmp_path):
    def use(path: str) -> SimpleNamespace:
        if path == str(tmp_path / "gone"):
            raise OSError(5, "Input/output error")
        return SimpleNamespace(percent=10.0)

    for name in ("gone", "here"):
        (tmp_path / name).mkdir()
    mounts = [mount("/dev/a", str(tmp_path / "gone")), mount("/dev/b", str(tmp_path / "here"))]
    extra = sampled(Machine(disk_partitions=lambda **_: mounts, disk_usage=use))["extra"]
    assert [value for name, value in extra.items() if name.startswith("disk:")] == [10.0]


def mount(device: str, where: str, fstype: str = "ext4") -> SimpleNamespace:
    return SimpleNamespace(device=device, mountpoint=where, fstype=fstype)


def test_a_file_system_is_counted_once_and_images_not_at_all(tmp_path):
    deep = tmp_path / "deep"
    deep.mkdir()
    (tmp_path / "file").touch()
    mounts = [
        mount("/dev/a", str(deep)),
        mount("/dev/a", str(tmp_path)),
        mount("/dev/b", str(tmp_path / "file")),
        mount("/dev/c", str(deep), "squashfs"),
    ]
    assert file_systems(SimpleNamespace(disk_partitions=lambda **_: mounts)) == (str(tmp_path),)


def test_hardware_is_preferred_to_what_is_built_on_it(tmp_path):
    (tmp_path / "eth0" / "device").mkdir(parents=True)
    (tmp_path / "bond0").mkdir()
    assert real_interfaces(["lo", "eth0", "bond0"], str(tmp_path)) == {"eth0"}
    assert real_interfaces(["lo", "eth7", "veth12", "docker0"], str(tmp_path)) == {"eth7"}


def test_partitions_and_volumes_are_not_counted_beside_their_disk(tmp_path):
    (tmp_path / "sda" / "device").mkdir(parents=True)
    (tmp_path / "dm-0").mkdir()
    assert real_disks(["sda", "sda1", "dm-0"], str(tmp_path)) == {"sda"}
    assert real_disks(["disk0"], str(tmp_path / "no such folder")) == {"disk0"}
