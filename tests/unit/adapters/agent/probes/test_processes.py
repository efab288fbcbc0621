"""The top processes: right, cheap, and scanned only so often."""

from hypothesis import given
from hypothesis import strategies as st

from monitor.adapters.agent.probes.processes import TopProcesses, Usage, parse_stat, scan_proc

STAT = (
    b"%d (%s) S 1 %d %d 0 -1 4194560 1 2 3 4 %d %d 0 0 20 0 1 0 %d 1000000 %d 18446744073709551615"
    b" 1 1 0 0 0 0 0 0 0 0 0 0 17 0 0 0 0 0 0\n"
)


def stat(pid: int, name: bytes, user: int, system: int, started: int, pages: int) -> bytes:
    return STAT % (pid, name, pid, pid, user, system, started, pages)


@given(name=st.binary(max_size=20).filter(lambda name: b"\0" not in name), user=st.integers(0, 10**9))
def test_a_stat_line_is_read_whatever_the_process_calls_itself(name, user):
    usage = parse_stat(stat(7, name, user, 100, 42, 3), 100, 4096)
    assert (usage.started, usage.cpu, usage.memory) == (42, (user + 100) / 100, 3 * 4096)
    assert usage.name.isprintable()
    assert usage.name.encode()


def test_a_name_with_brackets_and_spaces():
    assert parse_stat(stat(7, b"(sd-pam) 1 2", 0, 0, 1, 1), 100, 4096).name == "(sd-pam) 1 2"


def test_processes_that_end_while_they_are_read_are_left_out(tmp_path):
    for pid, text in (("1", stat(1, b"init", 0, 0, 1, 1)), ("2", b""), ("3", b"3 (x) S 1")):
        (tmp_path / pid).mkdir()
        (tmp_path / pid / "stat").write_bytes(text)
    (tmp_path / "4").mkdir()
    (tmp_path / "self").mkdir()
    assert list(scan_proc(str(tmp_path), 100, 4096)) == [1]


class Machine:
    """Processes whose use, and the cost of a scan, are set by the test."""

    def __init__(self) -> None:
        self.now: dict[int, Usage] = {}
        self.scans = 0
        self.spent = 0.0
        self.price = 0.0

    def scan(self) -> dict[int, Usage]:
        self.scans += 1
        self.spent += self.price
        return dict(self.now)


def test_use_is_in_percent_of_all_cores():
    machine = Machine()
    top = TopProcesses(machine.scan, cpus=4, cost=lambda: 0.0)
    machine.now = {1: Usage("busy", 5, 100.0, 500.0), 2: Usage("idle", 5, 7.0, 100.0)}
    assert top.at(0.0, 1_000) == []
    machine.now = {1: Usage("busy", 5, 120.0, 500.0), 2: Usage("idle", 5, 7.0, 100.0), 3: Usage("new", 9, 2.0, 10.0)}
    assert top.at(10.0, 1_000) == [
        {"name": "busy", "cpu": 50.0, "memory": 50.0},
        {"name": "new", "cpu": 5.0, "memory": 1.0},
        {"name": "idle", "cpu": 0.0, "memory": 10.0},
    ]
    assert top.count == 3


def test_a_reused_process_id_gives_no_negative_use():
    machine = Machine()
    top = TopProcesses(machine.scan, cpus=1, cost=lambda: 0.0)
    machine.now = {1: Usage("old", 5, 100.0, 1.0)}
    top.at(0.0, 100)
    machine.now = {1: Usage("new", 6, 1.0, 1.0)}
    assert top.at(10.0, 100)[0] == {"name": "new", "cpu": 10.0, "memory": 1.0}


def scans_in_an_hour(price: float) -> int:
    machine = Machine()
    machine.price = price
    top = TopProcesses(machine.scan, cpus=1, cost=lambda: machine.spent)
    for tick in range(240):
        top.at(tick * 15.0, 100)
    return machine.scans


def test_expensive_scans_are_rarer():
    assert 60 <= scans_in_an_hour(0.003) <= 63
    assert 12 <= scans_in_an_hour(0.1) <= 16


def test_the_short_first_window_is_replaced_soon():
    machine = Machine()
    top = TopProcesses(machine.scan, cpus=1, cost=lambda: 0.0)
    for moment in (0.0, 0.05, 5.0, 15.0, 30.0, 74.0):
        top.at(moment, 100)
    assert machine.scans == 3
