"""`monitor db downgrade` says what is lost, and which revisions there are."""

from pathlib import Path

import pytest

from monitor.adapters.persistence.engine.migration_plans import newest_revision
from tests.integration.cli.running import run, server

STILL_SERVES = "processes serve, and would fail: 1.0.0 on "


def test_what_is_lost_is_said(tmp_path: Path, ready_sqlite_url: str):
    settings = {"DATABASE_URL": ready_sqlite_url}
    done = run(tmp_path, "db", "downgrade", "0027", settings=settings)
    first, *losses, last = done.stdout.splitlines()
    assert (0, "") == (done.returncode, done.stderr)
    assert f"{newest_revision()} back to 0027. Lost:" == first
    assert "  0028  Checks and check-ins are deleted, with all that is known of them." == losses[-1]
    assert "the schema was taken back to 0027" == last
    again = run(tmp_path, "db", "downgrade", "0027", settings=settings)
    assert "0027 back to 0027. Nothing is lost." == again.stdout.splitlines()[0]


def test_the_revisions_are_listed(tmp_path: Path, ready_sqlite_url: str):
    settings = {"DATABASE_URL": ready_sqlite_url}
    assert 0 == run(tmp_path, "db", "downgrade", "0028", settings=settings).returncode
    lines = run(tmp_path, "db", "history", settings=settings).stdout.splitlines()
    assert "0028 * Checks and check-ins, which are rows of another kind in the table of servers." in lines
    assert f"The database has 0028. This version of monitor needs {newest_revision()}." == lines[-1]
    assert int(newest_revision()) + 1 == len(lines)


@pytest.mark.parametrize(("arguments", "code"), [((), 2), (("0099",), 1), (("-99",), 1)])
def test_a_revision_that_is_none_is_one_line_that_helps(
    tmp_path: Path, ready_sqlite_url: str, arguments: tuple[str, ...], code: int
):
    done = run(tmp_path, "db", "downgrade", *arguments, settings={"DATABASE_URL": ready_sqlite_url})
    assert (code, "") == (done.returncode, done.stdout)
    assert "`monitor db history`" in done.stderr.splitlines()[-1]


def test_it_is_refused_while_a_process_serves(tmp_path: Path):
    with server(tmp_path) as running:
        settings = {"MONITOR_DATA_DIR": str(running.data)}
        for revision in ("-1", "base"):
            done = run(tmp_path, "db", "downgrade", revision, settings=settings)
            assert (1, "", 1) == (done.returncode, done.stdout, done.stderr.count("\n"))
            assert STILL_SERVES in done.stderr
        with running.admin() as admin:
            assert 200 == admin.get("/api/alerts").status
