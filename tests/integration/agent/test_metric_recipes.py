"""What docs/recipes.md says to run: read from it, and run with tools that answer as documented."""

import os
import re
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest

from monitor.adapters.agent.probes.custom import CustomMetrics, parse
from monitor.adapters.agent.probes.sample import extra_metrics
from tests.integration.agent import tools

DOCUMENT = Path(__file__).parents[3] / "docs" / "recipes.md"


def script(name: str, here: Mapping[str, str] | None = None) -> str:
    """Return the one script of the document whose second line begins with *name*, with what is otherwise *here*."""
    blocks = re.findall(r"^```(?:sh|python)\n(#!.*?)^```", DOCUMENT.read_text(), re.MULTILINE | re.DOTALL)
    [found] = [each for each in blocks if each.splitlines()[1].startswith(f"# {name}")]
    for there, text in (here or {}).items():
        assert there in found, f"the document no longer says {there}"
        found = found.replace(there, text)
    return str(found)


def runnable(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    path.chmod(0o755)
    return path


def run(tmp_path: Path, name: str, answers: Mapping[str, str], here: Mapping[str, str] | None = None) -> str:
    """Run a script of the document; *answers*: by the name of a tool, what the shell runs in its place."""
    for tool, answer in answers.items():
        runnable(tmp_path / "bin" / tool, f"#!/bin/sh\n{answer}")
    file = runnable(tmp_path / name, script(name, here))
    environ = {**os.environ, "PATH": f"{tmp_path / 'bin'}:{os.environ['PATH']}"}
    done = subprocess.run([file], env=environ, capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


def numbers(printed: str) -> dict[str, float]:
    """Return what the agent makes of it."""
    return extra_metrics(parse(printed))


def test_smart(tmp_path):
    found = numbers(run(tmp_path, "smart", {"smartctl": tools.SMARTCTL}))
    sda = {"passed": 1, "temperature": 34, "hours": 21_843, "reallocated": 0, "pending": 8, "uncorrectable": 8}
    nvme = {"passed": 0, "temperature": 41, "hours": 1_204, "worn": 7, "media_errors": 2}
    behind = {"passed": 1}
    disks = {"sda": sda, "nvme0": nvme, "0_megaraid7": behind}
    assert found == {f"smart_{name}:{disk}": value for disk, of in disks.items() for name, value in of.items()}


def test_ups(tmp_path):
    found = numbers(run(tmp_path, "ups", {"upsc": tools.UPSC}))
    rack = {"charge": 87, "seconds_left": 2_310, "load": 23, "on_battery": 1, "replace_battery": 1}
    desk = {"charge": 100, "seconds_left": 1_725, "on_battery": 0, "replace_battery": 0}
    assert found == {
        f"ups_{name}:{ups}": v for ups, of in {"rack": rack, "desk": desk}.items() for name, v in of.items()
    }


def test_gpu(tmp_path):
    for name, text in {"gpu_busy_percent": 63, "mem_info_vram_used": 3 << 30, "mem_info_vram_total": 12 << 30}.items():
        file = tmp_path / "drm" / "card1" / "device" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(f"{text}\n")
    (tmp_path / "drm" / "card1-DP-1" / "device").mkdir(parents=True)
    here = {"/sys/class/drm": str(tmp_path / "drm")}
    assert numbers(run(tmp_path, "gpu", {"nvidia-smi": tools.NVIDIA_SMI}, here)) == {
        "gpu_use:nvidia0": 97,
        "gpu_temperature:nvidia0": 71,
        "gpu_watts:nvidia0": 214.53,
        "gpu_memory:nvidia0": 75,
        "gpu_use:nvidia1": 0,
        "gpu_temperature:nvidia1": 35,
        "gpu_memory:nvidia1": 0.012,
        "gpu_use:amd1": 63,
        "gpu_memory:amd1": 25,
    }


def test_proxmox(tmp_path):
    here = {'os.uname().nodename.partition(".")[0]': '"pve1"'}
    assert numbers(run(tmp_path, "proxmox", {"pvesh": tools.PVESH}, here)) == {
        "pve_guest:100_web-1": 1,
        "pve_guest_cpu:100_web-1": 12.5,
        "pve_guest_memory:100_web-1": 50,
        "pve_guest:101_db": 0,
        "pve_storage:local-zfs": 25,
    }


def test_snmp(tmp_path):
    """The third device does not answer."""
    assert numbers(run(tmp_path, "snmp", {"snmpget": tools.SNMPGET})) == {
        "port_status:uplink": 1,
        "ups_charge:rack": 96,
    }


def test_an_exporter(tmp_path):
    found = numbers(run(tmp_path, "exporter", {"curl": tools.CURL}))
    assert found == {"ifoperstatus:1:lo": 1, "ifoperstatus:2:eth0": 2, "ifhighspeed:2:eth0": 1000}


@pytest.mark.parametrize(
    ("code", "before", "after"), [(0, True, False), (1, False, True), (5, True, True), (5, False, False)]
)
def test_a_restart_that_rhel_asks_for(tmp_path, code, before, after):
    file = tmp_path / "reboot-required"
    if before:
        file.touch()
    run(tmp_path, "reboot", {"needs-restarting": f"exit {code}"}, {"/run/reboot-required": str(file)})
    assert file.exists() is after


def test_the_runner_leaves_whole_files_only(tmp_path):
    scripts, results = tmp_path / "scripts", tmp_path / "results"
    results.mkdir()
    (results / "broken.prom").write_text("age 1\n")
    runnable(scripts / "whole", "#!/bin/sh\necho queue 3\n")
    runnable(scripts / "broken", "#!/bin/sh\necho age 2\nexit 1\n")
    runnable(scripts / "off", "#!/bin/sh\necho off 1\n").chmod(0o644)
    here = {"/etc/monitor-metrics.d": str(scripts), "/var/lib/monitor-metrics": str(results)}
    assert run(tmp_path, "Runs each", {}, here) == ""
    now = (results / "whole.prom").stat().st_mtime
    assert CustomMetrics(str(results), print).read(now) == [("age", 1.0), ("queue", 3.0)]
