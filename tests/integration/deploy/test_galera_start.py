"""How a node of the cluster in containers starts: never a second cluster beside one that has data."""

import os
import stat
import subprocess
from pathlib import Path

import pytest

START = Path(__file__).parents[3] / "deploy" / "galera" / "start"
ID = "6a7bd1ec-0f6c-11ef-9b6a-0242ac1e5315"
NEW = "--wsrep-new-cluster"
STOPPED = f"# GALERA saved state\nversion: 2.1\nuuid:    {ID}\nseqno:   42\nsafe_to_bootstrap: 0\n"
LAST = STOPPED.replace("bootstrap: 0", "bootstrap: 1")
CRASHED = STOPPED.replace("42", "-1")
POSITION = f"--wsrep-start-position={ID}:42"


@pytest.fixture
def node(tmp_path: Path) -> Path:
    """Its folder, with what MariaDB's image would have: here they only show how they are called."""
    for name in ("bin", "data", "begun"):
        (tmp_path / name).mkdir()
    recovering = f"echo '2026-11-27 4:27:20 0 [Note] WSREP: Recovered position: {ID}:42' >&2"
    for name, does in (("docker-entrypoint.sh", 'echo "$@"'), ("mariadbd", recovering)):
        program = tmp_path / "bin" / name
        program.write_text(f"#!/bin/sh\n{does}\n")
        program.chmod(program.stat().st_mode | stat.S_IXUSR)
    return tmp_path


def start(node: Path, name: str = "galera-1", password: str = "secret") -> subprocess.CompletedProcess[str]:
    own = {"DATA": str(node / "data"), "BEGUN": str(node / "begun"), "NODE": name, "MARIADB_PASSWORD": password}
    environment = {"PATH": f"{node / 'bin'}:{os.environ['PATH']}", **own}
    return subprocess.run((START,), env=environment, capture_output=True, text=True, timeout=20, check=False)


def options(node: Path, name: str = "galera-1") -> list[str]:
    """What the server is started with."""
    program, *given = start(node, name).stdout.split()
    assert "mariadbd" == program
    return given


def saved(node: Path, state: str) -> None:
    (node / "data" / "grastate.dat").write_text(state)


def test_the_first_node_begins_the_cluster_and_the_others_join(node: Path):
    assert [] == options(node, "galera-2")
    assert [NEW] == options(node)
    assert [] == options(node, "galera-3")


def test_a_first_node_that_lost_its_files_joins_the_others(node: Path):
    assert [NEW] == options(node)
    assert [] == options(node)
    saved(node, "")  # as a node leaves it that never joined
    assert [] == options(node)


@pytest.mark.parametrize("name", ["galera-1", "galera-3"])
@pytest.mark.parametrize(
    ("state", "expected"),
    [
        (STOPPED, []),
        (LAST, [NEW]),
        (CRASHED, [POSITION]),
        (CRASHED.replace("bootstrap: 0", "bootstrap: 1"), [POSITION, NEW]),
    ],
    ids=["stopped", "stopped as the last", "crashed", "crashed alone"],
)
def test_a_node_that_was_there_comes_back(node: Path, name: str, state: str, expected: list[str]):
    saved(node, state)
    assert expected == options(node, name)


def test_without_a_password_nothing_begins(node: Path):
    refused = start(node, password="")
    assert refused.returncode
    assert "write DB_PASS into deploy/.env" in refused.stderr
    assert [] == list((node / "begun").iterdir())
