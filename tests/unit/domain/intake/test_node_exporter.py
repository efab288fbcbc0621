"""node-exporter's series become what the agent measures on the same host."""

from collections.abc import Iterator
from typing import Any

import pytest

from monitor.adapters.agent.probes.linux import Linux
from monitor.domain.intake.node_exporter import SEPARATOR, Values, families, values

STAT = "cpu  {user} 20 300 {idle} {iowait} 6 7 8 9 10\n"


def reading(metric: str, *labels: str) -> str:
    return SEPARATOR.join([f"node_{metric}", *labels])


Read = dict[str, float | None]


def found(now: Read, earlier: Read | None = None) -> Values:
    """*earlier*: 15 seconds before."""

    def before(metric: str) -> Iterator[tuple[float, Any]]:
        if earlier is not None and (family := families(earlier).get(metric)):
            yield 15.0, family

    return values(1_000_000.0, families(now), before)


def cpu_of(line: str, core: str = "0") -> Read:
    """Return the readings that node-exporter makes of a line of /proc/stat, in seconds."""
    modes = ("user", "nice", "system", "idle", "iowait", "irq", "softirq", "steal")
    ticks = zip(modes, line.split()[1:], strict=False)
    return {reading("cpu_seconds_total", core, mode): int(count) / 100 for mode, count in ticks}


@pytest.mark.parametrize(
    ("user", "idle", "iowait"), [(1500, 9000, 60), (1100, 8600, 50), (1000, 8600, 40), (9000, 8500, 50)]
)
def test_cpu_is_the_agents(tmp_path: Any, user: int, idle: int, iowait: int):
    lines = [STAT.format(user=1000, idle=8500, iowait=50), STAT.format(user=user, idle=idle, iowait=iowait)]
    agent = Linux(proc=str(tmp_path))
    for line in lines:
        (tmp_path / "stat").write_text(line)
        expected = agent.cpu_percent()
    cpu = found(cpu_of(lines[1]), cpu_of(lines[0])).cpu
    assert expected == pytest.approx(cpu, abs=0.051)


@pytest.mark.parametrize(
    "lines",
    [
        {"MemTotal": 1000, "MemFree": 200, "MemAvailable": 640, "Buffers": 50, "Cached": 100},
        {"MemTotal": 1000, "MemFree": 200, "Buffers": 50, "Cached": 100},
        {"MemTotal": 1000, "MemFree": 200, "MemAvailable": 5000, "Buffers": 50, "Cached": 100},
    ],
)
@pytest.mark.parametrize("swap", [(0, 0), (500, 120)])
def test_memory_and_swap_are_the_agents(tmp_path: Any, lines: dict[str, int], swap: tuple[int, int]):
    held = {**lines, "SwapTotal": swap[0], "SwapFree": swap[1]}
    (tmp_path / "meminfo").write_text("".join(f"{name}: {value} kB\n" for name, value in held.items()))
    agent = Linux(proc=str(tmp_path))
    memory = agent.virtual_memory().percent
    now = found({reading(f"memory_{name}_bytes"): value * 1024.0 for name, value in held.items()})
    assert memory == pytest.approx(now.memory, abs=0.051)
    assert agent.swap_memory().percent == pytest.approx(now.extra["swap"], abs=0.051)


def file_system(mount: str, device: str, kind: str = "ext4", size: float = 1000) -> Read:
    parts = {"size_bytes": size, "free_bytes": 400, "avail_bytes": 300, "files": 100, "files_free": 75}
    return {reading(f"filesystem_{part}", mount, device, kind): value for part, value in parts.items()}


def test_disk_is_what_ordinary_users_may_fill_of_the_root():
    assert 66.67 == found(file_system("/", "overlay", "overlay")).disk
    assert None is found(file_system("/var", "/dev/sda1")).disk


def test_file_systems_are_those_on_disks_each_once():
    now = {
        **file_system("/", "/dev/sda1"),
        **file_system("/home/mirror", "/dev/sda1"),
        **file_system("/Data", "/dev/sdb1", "xfs", size=1400),
        **file_system("/run", "tmpfs", "tmpfs"),
        **file_system("/snap/x", "/dev/loop1", "squashfs"),
        **file_system("/net", "server:/x", "nfs4"),
    }
    extra = found(now).extra
    assert {"disk:/": 66.67, "disk:/Data": 76.92, "inodes:/": 25.0, "inodes:/Data": 25.0} == extra


def test_rates_are_of_real_devices():
    def bytes_of(gain: float) -> Read:
        devices = {
            "network_receive": ("eth0", "lo", "veth1", "br0", "bond0", "eth0.5"),
            "disk_read": ("sda", "dm-0", "sda1"),
        }
        return {
            reading(f"{metric}_bytes_total", device): 1000 + gain for metric, each in devices.items() for device in each
        }

    extra = found(bytes_of(300), bytes_of(0)).extra
    assert {"net_rx": 20.0, "net_rx:eth0": 20.0, "disk_read": 20.0, "disk_read:sda": 20.0} == extra


def test_a_counter_that_went_back_or_jumped_has_no_rate():
    name, other = reading("network_receive_bytes_total", "eth0"), reading("network_receive_bytes_total", "eth1")
    assert {"net_rx:eth1": 1.0} == found({name: 5.0, other: 25.0}, {name: 10.0, other: 10.0}).extra
    assert {} == found({name: 1e18}, {name: 0.0}).extra
    assert {} == found({name: 10.0}).extra


def test_a_disk_that_was_added_leaves_out_the_total_once():
    one, other = reading("disk_read_bytes_total", "sda"), reading("disk_read_bytes_total", "sdb")
    assert {"disk_read:sda": 1.0} == found({one: 25.0, other: 5.0}, {one: 10.0}).extra


def test_the_rest():
    now: Read = {
        reading("load1"): 0.5,
        reading("load5"): 0.25,
        reading("load15"): 0.125,
        reading("boot_time_seconds"): 999_000.0,
        reading("processes_pids"): 321.0,
        reading("hwmon_temp_celsius", "coretemp_0", "temp1"): 51.0,
        reading("hwmon_temp_celsius", "coretemp_0", "temp2"): 255.0,
        reading("thermal_zone_temp", "acpitz", "0"): 90.0,
        reading("pressure_cpu_waiting_seconds_total"): 101.5,
        reading("pressure_io_waiting_seconds_total"): 90.0,
        reading("md_disks_required", "md0"): 2.0,
        reading("md_disks", "md0", "active"): 1.0,
        reading("md_disks_required", "md1"): 2.0,
        reading("md_disks", "md1", "active"): 2.0,
        reading("systemd_units", "failed"): 3.0,
    }
    earlier: Read = {
        reading("pressure_cpu_waiting_seconds_total"): 100.0,
        reading("pressure_io_waiting_seconds_total"): 100.0,
    }
    assert {
        "load1": 0.5,
        "load5": 0.25,
        "load15": 0.125,
        "uptime": 1000.0,
        "processes": 321.0,
        "temperature": 51.0,
        "temp:coretemp_0/temp1": 51.0,
        "pressure_cpu": 10.0,
        "raid:md0": 0.0,
        "raid:md1": 1.0,
        "units_failed": 3.0,
    } == found(now, earlier).extra


@pytest.mark.parametrize("value", [0.0, -1e308, 1e308, 5e-324])
def test_no_value_makes_more_than_a_percentage(value: float):
    now: Read = {**file_system("/", "/dev/sda1", size=value), **cpu_of(STAT.format(user=9, idle=9, iowait=9))}
    now |= {reading("memory_MemTotal_bytes"): value, reading("memory_MemAvailable_bytes"): -value}
    result = found({**dict.fromkeys(now, value), **now}, {**dict.fromkeys(now, 0.0)})
    for percent in result[:3]:
        assert percent is None or 0 <= percent <= 100
