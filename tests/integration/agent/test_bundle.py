"""The one file, as a host runs it."""

import json
import sys
from importlib.util import MAGIC_NUMBER
from pathlib import Path

import pytest

from monitor.adapters.agent.install.bundle import add_bytecode, build_bundle
from tests.integration.agent.api import wait_for
from tests.integration.agent.running import agent, run


@pytest.fixture(params=["as it is", "compiled", "compiled for another Python"])
def bundle(request, tmp_path) -> tuple[str, ...]:
    """The command that runs it, isolated from everything but the standard library."""
    file: Path = tmp_path / "monitor-agent.pyz"
    file.write_bytes(build_bundle())
    if request.param != "as it is":
        add_bytecode(str(file))
    if request.param == "compiled for another Python":
        file.write_bytes(file.read_bytes().replace(MAGIC_NUMBER, b"\x00\x00\r\n"))
    return (sys.executable, "-IS", str(file))


def test_help_names_the_file(bundle):
    done = run("--help", command=bundle)
    assert (done.returncode, done.stderr) == (0, "")
    assert "usage: monitor-agent.pyz" in done.stdout


def test_it_prints_what_it_would_send(bundle):
    done = run("--print-payload", command=bundle)
    assert (done.returncode, done.stderr) == (0, "")
    metrics = json.loads(done.stdout)["metrics"]
    assert "cpu_value" in metrics
    assert {"load1", "swap"} <= metrics["extra"].keys()


def test_it_reports(api, bundle, tmp_path):
    with agent(tmp_path, bundle, API_URL=api.url) as running:
        wait_for(lambda: len(api.requests) >= 2, "samples")
        assert running.stop() == 0
