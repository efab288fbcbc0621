"""Whether the system's last restart was unexpected, after any course of runs."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.adapters.agent.clock import Moment
from monitor.adapters.agent.probes.extra import ASKS_FOR_REBOOT, restarts
from monitor.adapters.agent.restarts import STOPPED, Runs
from tests.unit.adapters.agent.probes.test_extra import HOST

BOOTS = [f"{n:08x}-0000-4000-8000-000000000000" for n in range(4)]


@given(st.lists(st.tuples(st.booleans(), st.booleans()), max_size=8))
def test_it_is_unexpected_if_the_agent_ran_to_the_end(tmp_path_factory, ends):
    """Each end of the agent: whether it was stopped, and whether the system restarts then."""
    path = str(tmp_path_factory.mktemp("runs") / "agent.spool.boot")
    boot, expected = 0, False
    for was_stopped, ends_run in ends:
        runs = Runs(path, BOOTS[boot % 4])
        assert runs.was_unexpected is expected
        if was_stopped:
            runs.note(STOPPED)
        if ends_run:
            boot, expected = boot + 1, not was_stopped
    assert Runs(path, BOOTS[boot % 4]).was_unexpected is expected


@pytest.mark.parametrize("text", ["", "\n", "x", "a b", "a b c d\n", "\xff\n" * 200, "running running running"])
def test_a_file_of_something_else_says_nothing_and_is_mended(tmp_path, text):
    path = tmp_path / "boot"
    path.write_bytes(text.encode("latin-1"))
    assert Runs(str(path), BOOTS[0]).was_unexpected is False or text == "running running running"
    assert Runs(str(path), BOOTS[1]).was_unexpected is True


def test_another_users_file_is_left_alone(tmp_path):
    (tmp_path / "theirs").write_text("theirs")
    (tmp_path / "boot").symlink_to(tmp_path / "theirs")
    with pytest.raises(OSError, match="symbolic link"):
        Runs(str(tmp_path / "boot"), BOOTS[0])
    assert (tmp_path / "theirs").read_text() == "theirs"


@pytest.mark.parametrize(
    ("unexpected", "elapsed", "value"),
    [(None, 60.0, None), (False, 60.0, 0.0), (True, 60.0, 1.0), (True, 3599.9, 1.0), (True, 3600.0, 0.0)],
)
def test_it_is_a_metric_for_an_hour(unexpected, elapsed, value):
    host = HOST._replace(unexpected=unexpected, moment=Moment(elapsed, elapsed, 0))
    assert dict(restarts(host)).get("unexpected_restart") == value


@pytest.mark.parametrize("name", ["reboot-required", "reboot-needed"])
def test_a_file_of_the_system_asks_for_a_restart(tmp_path, name):
    asks, host = [str(tmp_path / Path(path).name) for path in ASKS_FOR_REBOOT], HOST._replace(unexpected=None)
    assert dict(restarts(host, asks)) == {"reboot_needed": 0.0}
    (tmp_path / name).touch()
    assert dict(restarts(host, asks)) == {"reboot_needed": 1.0}
