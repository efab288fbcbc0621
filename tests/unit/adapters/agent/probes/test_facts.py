"""What a host is: from files that look like /proc, and when it is said."""

from types import SimpleNamespace

import psutil
import pytest

from monitor.adapters.agent.clock import Moment
from monitor.adapters.agent.probes.facts import LOOK, SAY, Facts, read
from monitor.adapters.agent.probes.sample import system_reader
from tests.unit.adapters.agent.probes.test_probe import Machine, sampler

DAY, HOUR = 86_400, 3_600


@pytest.mark.parametrize("ps", [psutil, system_reader()])
def test_this_machine(ps):
    system_reader().virtual_memory()
    ps.virtual_memory()
    found = read(ps, ("/", "/nowhere/at/all"))
    assert found["memory"] == psutil.virtual_memory().total
    assert found["swap"] == psutil.swap_memory().total
    assert found["disks"] == {"/": psutil.disk_usage("/").total}
    assert found["cores"] == psutil.cpu_count()
    assert found["kernel"]
    assert found["architecture"]


@pytest.mark.parametrize(
    ("text", "model"),
    [
        ("processor\t: 0\nmodel name\t: AMD EPYC: 7313\t\nflags : fpu\n\nprocessor : 1\n", "AMD EPYC: 7313"),
        (
            "processor\t: 0\nBogoMIPS\t: 108.00\n\nHardware\t: BCM2835\nModel\t\t: Raspberry Pi 4 Model B\n",
            "Raspberry Pi 4 Model B",
        ),
        ("Hardware : Kirin \x1b[2J", "Kirin  [2J"),
        ("processor : 0\n", ""),
        ("", ""),
    ],
)
def test_the_processor_or_the_board(tmp_path, text, model):
    (tmp_path / "cpuinfo").write_text(text)
    assert read(Machine(), (), str(tmp_path / "cpuinfo"))["cpu"] == model


def test_what_cannot_be_read_is_unknown_and_costs_no_sample():
    found = read(Machine(virtual_memory=None, disk_usage=None), ("/",), "/nowhere")
    assert {name: found[name] for name in ("cpu", "cores", "memory", "swap", "disks")} == {
        "cpu": "",
        "cores": 0,
        "memory": 0,
        "swap": 0,
        "disks": {},
    }


def test_mount_points_are_bounded_and_can_be_sent():
    machine = Machine(disk_usage=SimpleNamespace(percent=1.0, total=5))
    many = read(machine, ("/\udcff", *(f"/{n}" for n in range(500))))["disks"]
    assert len(many) == 32
    assert all(path.isprintable() for path in many)


def test_it_is_said_at_the_start_after_a_change_and_once_a_day():
    size = 10
    facts = Facts(SimpleNamespace(disk_usage=lambda _path: SimpleNamespace(total=size), cpu_count=lambda: 2))
    assert facts.due < 0
    assert facts.news(5.0, ("/",))["facts"]["disks"] == {"/": 10}
    assert facts.due == 5.0 + LOOK
    assert facts.news(5.0 + LOOK, ("/",)) == {}
    size = 20
    assert facts.news(5.0 + 2 * LOOK, ("/",))["facts"]["disks"] == {"/": 20}
    assert facts.news(4.0 + 2 * LOOK + SAY, ("/",)) == {}
    assert facts.news(5.0 + 2 * LOOK + SAY, ("/",))["facts"]["disks"] == {"/": 20}


def test_few_samples_carry_it():
    it = sampler(Machine())
    said = ["facts" in it.sample(Moment(at, at, 0))["agent"] for at in (10.0, 25.0, 40.0 + HOUR, 100.0 + DAY + HOUR)]
    assert said == [True, False, False, True]
