"""The one file, as a host runs it."""

import json
import sys
from pathlib import Path

import pytest

from monitor.adapters.agent.bundle import FILE_NAME, build_bundle
from tests.integration.agent.api import wait_for
from tests.integration.agent.running import agent, run


@pytest.fixture
def bundle(tmp_path) -> tuple[str, ...]:
    """The command that runs it, isolated from everything but the interpreter's own packages."""
    file: Path = tmp_path / FILE_NAME
    file.write_bytes(build_bundle())
    return (sys.executable, "-I", str(file))


def test_help_names_the_file(bundle):
    done = run("--help", command=bundle)
    assert (done.returncode, done.stderr) == (0, "")
    assert f"usage: {FILE_NAME}" in done.stdout


def test_it_prints_what_it_would_send(bundle):
    done = run("--print-payload", command=bundle)
    assert (done.returncode, done.stderr) == (0, "")
    assert "cpu_value" in json.loads(done.stdout)["metrics"]


def test_it_reports(api, bundle, tmp_path):
    with agent(tmp_path, bundle, API_URL=api.url) as running:
        wait_for(lambda: len(api.requests) >= 2, "samples")
        assert running.stop() == 0


def test_without_psutil_it_says_how_to_get_it(bundle):
    interpreter, *rest = bundle
    done = run("--print-payload", command=(interpreter, "-S", *rest))
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1
    assert "python3-psutil" in done.stderr
