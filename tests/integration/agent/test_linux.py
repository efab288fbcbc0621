"""Our readings of Linux equal those of psutil."""

import shutil
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from monitor.adapters.agent.probes.linux import Linux
from monitor.adapters.agent.probes.sample import system_reader
from tests.integration.agent.running import environment

FILES = ("stat", "meminfo", "vmstat", "net/dev", "diskstats", "filesystems", "self/mounts")

ODD = {
    # Ten guests' ticks within those of users, and an iowait that went back.
    "stat": "cpu  {} 40 300 90{}0 {} 7 8 9 10 5\ncpu0 1 2 3 4 5 6 7 8 9 0\nintr 1 2 3\n",
    "meminfo": "MemTotal: 1000 kB\nMemFree: 300 kB\nMemAvailable: 612 kB\nBuffers: 1 kB\nCached: 2 kB\nShmem: 1 kB\n"
    "Active: 1 kB\nInactive: 1 kB\nSwapTotal: 77 kB\nSwapFree: 11 kB\nHugePages_Total: 0\n",
    "vmstat": "pswpin 1\npswpout 2\n",
    "net/dev": "Inter-| Receive\n face |bytes\n"
    "  eth0:1:77 1 2 3 4 5 6 7 88 1 2 3 4 5 6 7\nwlan0: 5 1 2 3 4 5 6 7 6 1 2 3 4 5 6 7\n",
    "diskstats": "8 0 sda 1 2 30 4 5 6 70 8 9 10 11\n8 1 sda1 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15\n",
    "filesystems": "nodev\tsysfs\nnodev\tzfs\n\text4\n\tvfat\n",
    "self/mounts": "proc /proc proc rw 0 0\n/dev/a\\040b /mnt/My\\040Disk\\134 ext4 rw 0 0\ntank/d /tank zfs rw 0 0\n"
    "none /gone ext4 rw 0 0\n/dev/c /boot/Größe vfat rw 0 0\n//nas/share /nas cifs rw 0 0\n",
}


@pytest.fixture(params=["this machine", "an odd one"])
def proc(request, tmp_path: Path, monkeypatch) -> Path:
    """Return a /proc that does not change, which psutil reads too."""
    for name in FILES:
        (tmp_path / name).parent.mkdir(exist_ok=True)
        if request.param == "this machine":
            shutil.copyfile(f"/proc/{name}", tmp_path / name)
        else:
            (tmp_path / name).write_text(ODD[name].replace("{}", "1"), encoding="utf-8")
    monkeypatch.setattr(psutil, "PROCFS_PATH", str(tmp_path))
    return tmp_path


@pytest.mark.filterwarnings("ignore::RuntimeWarning:psutil")
def test_memory(proc):
    linux, theirs, swap = Linux(str(proc)), psutil.virtual_memory(), psutil.swap_memory()
    assert linux.virtual_memory() == (theirs.total, theirs.percent)
    assert linux.swap_memory() == (swap.total, swap.percent)


@pytest.mark.parametrize("later", [("20", "25", "0"), ("9000", "1", "5"), ("1", "1", "1"), ("1", "99", "1")])
def test_processors(proc, later):
    linux = Linux(str(proc))
    psutil.cpu_percent()
    assert linux.cpu_percent() == 0
    text = ODD["stat"]
    for number in later:
        text = text.replace("{}", number, 1)
    (proc / "stat").write_text(text)
    assert linux.cpu_percent() == psutil.cpu_percent()


def test_counters(proc):
    linux = Linux(str(proc))
    cards, disks = (
        psutil.net_io_counters(pernic=True, nowrap=False),
        psutil.disk_io_counters(perdisk=True, nowrap=False),
    )
    assert cards
    assert linux.net_io_counters(pernic=True, nowrap=False) == {
        name: (card.bytes_recv, card.bytes_sent) for name, card in cards.items()
    }
    assert linux.disk_io_counters(perdisk=True, nowrap=False) == {
        name: (disk.read_bytes, disk.write_bytes) for name, disk in disks.items()
    }


def test_file_systems(proc):
    found = psutil.disk_partitions(all=False)
    assert found
    assert Linux(str(proc)).disk_partitions(all=False) == [
        (each.device, each.mountpoint, each.fstype) for each in found
    ]
    assert Linux().disk_usage("/").total == psutil.disk_usage("/").total
    assert Linux().disk_usage("/").percent == pytest.approx(psutil.disk_usage("/").percent, abs=0.2)


@pytest.mark.parametrize(
    ("lines", "percent"),
    [
        ("MemTotal: 1000 kB\nMemFree: 300 kB\nBuffers: 50 kB\nCached: 150 kB", 50.0),  # Before Linux 3.14.
        ("MemTotal: 1000 kB\nMemFree: 300 kB\nMemAvailable: 9000 kB", 70.0),  # A container.
    ],
)
def test_memory_in_other_forms(tmp_path, lines, percent):
    (tmp_path / "meminfo").write_text(lines)
    assert Linux(str(tmp_path)).virtual_memory() == (1_024_000, percent)


def test_temperatures(tmp_path):
    def sensor(path: str, text: str) -> None:
        (tmp_path / "class" / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "class" / path).write_text(text)

    linux = Linux(sys=str(tmp_path))
    assert linux.sensors_temperatures() == {}
    sensor("thermal/thermal_zone0/temp", "41500\n")
    sensor("thermal/thermal_zone0/trip_point_0_temp", "99000\n")
    sensor("thermal/cooling_device0/cur_state", "1\n")
    assert linux.sensors_temperatures() == {"thermal_zone0": [("", 41.5)]}
    sensor("hwmon/hwmon0/temp1_input", "broken")
    sensor("hwmon/hwmon1/temp12_input", "-5000\n")
    sensor("hwmon/hwmon1/temp12_max", "80000\n")
    assert linux.sensors_temperatures() == {"hwmon1": [("", -5.0)]}
    sensor("hwmon/hwmon1/name", "coretemp\n")
    sensor("hwmon/hwmon1/temp12_label", "Core 7\n")
    assert linux.sensors_temperatures() == {"coretemp": [("Core 7", -5.0)]}


def test_other_systems_need_psutil():
    code = "from monitor.adapters.agent.probes.sample import system_reader; system_reader('darwin')"
    done = subprocess.run(
        [sys.executable, "-S", "-c", code], env=environment(), capture_output=True, text=True, check=False
    )
    assert "UnreadableError: the Python package psutil" in done.stderr
    assert system_reader("darwin") is psutil
