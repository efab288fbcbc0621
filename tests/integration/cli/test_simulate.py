"""A simulated fleet from the command line."""

import signal
import subprocess
from pathlib import Path

import pytest

from tests.integration.cli.client import Client
from tests.integration.cli.running import COMMAND, DEADLINE, environment, run, server, wait_for

pytestmark = pytest.mark.nightly

SMALL = ("--servers", "3", "--days", "0.1")


def simulate(home: Path, *arguments: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
    return run(home, "simulate", *arguments, stdin=stdin, settings={"MONITOR_DATA_DIR": str(home / "data")})


def test_filled_once(tmp_path: Path):
    """Output to a file, not a terminal, has complete lines."""
    end = ("--end", "2026-11-01 12:00:00")
    first, again = simulate(tmp_path, *SMALL, *end), simulate(tmp_path, *SMALL, *end)
    assert (0, "") == (first.returncode, first.stdout), first.stderr
    assert " left\n" in first.stderr
    assert 1000 < int(first.stderr.splitlines()[-1].split()[0].replace(",", "")) <= 1728
    assert "\r" not in first.stderr
    assert 0 == again.returncode
    assert again.stderr.splitlines()[-1].startswith("0 samples in ")


def test_a_second_run_continues_after_one_without_a_history(tmp_path: Path):
    first = simulate(tmp_path, "--servers", "3", "--days", "0", "--end", "2026-11-01 12:00:00")
    assert 0 == first.returncode, first.stderr
    again = simulate(tmp_path, "--end", "2026-11-01 13:00:00")
    assert 0 == again.returncode, again.stderr
    assert 0 < int(again.stderr.splitlines()[-1].split()[0].replace(",", "")) <= 3 * 240
    asked = simulate(tmp_path, "--days", "0.1", "--end", "2026-11-01 14:00:00")
    assert 0 == asked.returncode, asked.stderr


def test_a_database_with_other_servers_is_not_changed(tmp_path: Path):
    assert 0 == simulate(tmp_path, *SMALL).returncode
    refused = simulate(tmp_path, *SMALL, "--seed", "2")
    assert (1, 1) == (refused.returncode, refused.stderr.count("\n"))
    assert "--yes" in refused.stderr
    refused = simulate(tmp_path, *SMALL, "--seed", "2", "--yes")
    assert "monitor: another server has the address of a simulated one\n" == refused.stderr


@pytest.mark.parametrize(
    "arguments", [("--interval", "0"), ("--servers", "0"), ("--days", "401"), ("--end", "yesterday"), ("--seed", "x")]
)
def test_wrong_arguments_are_refused(tmp_path: Path, arguments: tuple[str, ...]):
    refused = simulate(tmp_path, *arguments)
    assert refused.returncode in (1, 2)
    assert arguments[0].removeprefix("--") in refused.stderr
    assert "Traceback" not in refused.stderr


def test_hosts_keep_reporting_to_a_server(tmp_path: Path):
    """After a stop the key is gone, and the missing reports raise no alert."""
    with server(tmp_path) as running, running.admin() as admin, (tmp_path / "feed").open("wb") as said:
        settings = environment(running.home, MONITOR_DATA_DIR=str(running.data))
        command = [*COMMAND, "simulate", *SMALL, "--interval", "1", "--live", f"http://127.0.0.1:{running.port}"]
        with subprocess.Popen(command, env=settings, stderr=said) as feed:
            try:
                wait_for(lambda: names(admin) == {"fra-web-01", "fra-web-02", "fra-web-03"}, "reports")
                assert [None] == [key["server_id"] for key in admin.get("/api/api-keys").data]
                assert [True] == watches_silence(admin)
            finally:
                code = ended(feed, signal.SIGINT)
            assert 0 == code, (tmp_path / "feed").read_text()
        assert [] == admin.get("/api/api-keys").data
        wait_for(lambda: watches_silence(admin) == [False], "the end of the watch")


def test_all_hosts_in_the_database_keep_reporting(tmp_path: Path):
    """Their number need not be given again. More than the default report; a few may be down at this hour."""
    count, default = 60, 50
    with server(tmp_path) as running, running.admin() as admin, (tmp_path / "feed").open("wb") as said:
        assert 0 == simulate(tmp_path, "--servers", str(count), "--days", "0.001").returncode
        wait_for(lambda: len(newest(admin)) > default, "the history of most of them")
        before = newest(admin)
        settings = environment(running.home, MONITOR_DATA_DIR=str(running.data))
        command = [*COMMAND, "simulate", "--days", "0.001", "--live", running.origin]
        with subprocess.Popen(command, env=settings, stderr=said) as feed:
            try:
                wait_for(lambda: len(newest(admin).items() - before.items()) > default, "a report of most", deadline=60)
            finally:
                code = ended(feed, signal.SIGTERM)
            assert 0 == code
    assert f"{count} hosts report to {running.origin}, each every 15 s" in (tmp_path / "feed").read_text()


def test_a_running_server_shows_a_history_written_while_it_runs(tmp_path: Path):
    with server(tmp_path) as running, running.admin() as admin:
        assert 0 == simulate(tmp_path, *SMALL).returncode
        wait_for(lambda: len(names(admin)) == 3, "the newest samples", deadline=60)


def test_a_missing_server(tmp_path: Path):
    refused = simulate(tmp_path, *SMALL, "--live", "127.0.0.1:1")
    assert 2 == refused.returncode
    assert refused.stderr.endswith("monitor: --live: must be an address such as http://127.0.0.1:8000\n")


def ended(feed: "subprocess.Popen[bytes]", by: signal.Signals) -> int:
    """Return its exit code. Kill it if it does not end: Popen would wait for it without a limit."""
    feed.send_signal(by)
    try:
        return feed.wait(DEADLINE)
    except subprocess.TimeoutExpired:
        feed.kill()
        raise


def newest(admin: Client) -> dict[str, str]:
    """Return the time of each host's newest sample."""
    latest = admin.get("/api/monitor/stats").data["latest_data"]
    return {each["server_name"]: each["recorded_at"] for each in latest}


def names(admin: Client) -> set[str]:
    return {latest["server_name"] for latest in admin.get("/api/monitor/stats").data["latest_data"]}


def watches_silence(admin: Client) -> list[bool]:
    return [
        each["enabled"] for each in admin.get("/api/alert-policies").data if each["scope"] == {"tag": "simulated-1"}
    ]
