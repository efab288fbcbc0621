"""Pressure, RAID, inodes and temperatures, from trees that look like /proc and /sys."""

from pathlib import Path
from types import SimpleNamespace

import pytest

from monitor.adapters.agent.probes.devices import arrays, temperatures
from monitor.adapters.agent.probes.extra import inodes, pressure, raid
from monitor.adapters.agent.probes.probe import system_name


def put(root: Path, path: str, text: str) -> None:
    (root / path).parent.mkdir(parents=True, exist_ok=True)
    (root / path).write_text(text)


def test_pressure_is_that_of_the_last_minute(tmp_path):
    put(tmp_path, "pressure/cpu", "some avg10=9.00 avg60=1.25 avg300=0.10 total=12\nfull avg10=0.00 avg60=7.00\n")
    put(tmp_path, "pressure/io", "some avg10=0.00 avg60=100.01 avg300=0.00 total=0\n")
    put(tmp_path, "pressure/memory", "something else\n")
    assert dict(pressure(str(tmp_path))) == {"pressure_cpu": 1.25, "pressure_io": 100.0}


def test_a_kernel_without_pressure_has_none(tmp_path):
    assert list(pressure(str(tmp_path))) == []


def test_arrays_are_whole_degraded_or_broken(tmp_path):
    for name, state, degraded in (
        ("md0", "clean", "0"),
        ("md1", "active", "1"),
        ("md127", "inactive", None),
        ("md2", "active", None),  # RAID 0
        ("md3", "broken", None),
        ("md9", "clear", "0"),  # No array: a name that is kept for one.
    ):
        put(tmp_path, f"block/{name}/md/array_state", f"{state}\n")
        if degraded is not None:
            put(tmp_path, f"block/{name}/md/degraded", f"{degraded}\n")
    put(tmp_path, "block/sda/size", "1")
    put(tmp_path, "block/mdadm/size", "1")
    names = arrays(str(tmp_path))
    assert names == ("md0", "md1", "md127", "md2", "md3")
    whole = {"raid:md0": 1.0, "raid:md1": 0.0, "raid:md127": 0.0, "raid:md2": 1.0, "raid:md3": 0.0}
    assert dict(raid(names, str(tmp_path))) == whole
    assert list(raid(["md7"], str(tmp_path))) == []


@pytest.mark.parametrize(
    ("files", "free", "for_users", "found"),
    [(1000, 250, 250, 75.0), (1000, 250, 150, 83.33), (0, 0, 0, None), (1000, 0, 0, 100.0)],
)
def test_inodes_of_file_systems_that_have_a_number_of_them(monkeypatch, files, free, for_users, found):
    counts = SimpleNamespace(f_files=files, f_ffree=free, f_favail=for_users)
    monkeypatch.setattr("os.statvfs", lambda _path: counts)
    assert dict(inodes(["/var"])) == ({} if found is None else {"inodes:/var": found})


def test_a_file_system_that_is_gone_has_no_inodes():
    assert list(inodes(["/no/such/place"])) == []


def sensor(current: float | None, label: str = "") -> SimpleNamespace:
    return SimpleNamespace(current=current, label=label)


def test_sensors_are_called_by_chip_and_label():
    chips = {
        "coretemp": [sensor(41.0, "Package id 0"), sensor(40.0, "Core 0"), sensor(255.0, "Core 1"), sensor(None)],
        "nvme": [sensor(35.0, "Composite"), sensor(36.0, "Composite")],
        "acpitz": [sensor(-273.0), sensor(28.0), sensor(29.0)],
    }
    assert dict(temperatures(chips)) == {
        "temp:coretemp/package_id_0": 41.0,
        "temp:coretemp/core_0": 40.0,
        "temp:nvme/composite": 35.0,
        "temp:nvme/composite2": 36.0,
        "temp:acpitz": 28.0,
        "temp:acpitz/2": 29.0,
    }
    assert temperatures({}) == ()


def test_the_system_is_called_as_it_calls_itself(tmp_path):
    put(tmp_path, "os-release", 'NAME="Debian GNU/Linux"\nPRETTY_NAME="Debian GNU/Linux 13\t(trixie)"\n')
    assert system_name(str(tmp_path)) == "Debian GNU/Linux 13(trixie)"
    put(tmp_path, "os-release", f"PRETTY_NAME={'x' * 500}\n")
    assert len(system_name(str(tmp_path))) == 100
    assert system_name(str(tmp_path / "nowhere"))
