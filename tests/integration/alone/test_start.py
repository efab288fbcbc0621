"""A start is quick and small: nothing is loaded that serving does not need."""

import socket
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import psutil
import pytest

from tests.integration.cli.running import Process, process, run
from tests.integration.own_time import own_time

NOT_TO_SERVE = (
    *("litestar", "monitor.api", "monitor.adapters.http.routes"),  # loaded when the server already answers
    *("alembic", "httpx", "mako", "passlib", "prometheus_client", "pymysql", "smtplib"),
    *("monitor.adapters.memory.store", "monitor.demo"),
)
LARGEST = 110_000_000
"""Bytes. Kinds of policies, explanations and configuration files took 4 MB of it, rotas, escalations and ways 4 MB."""
TOOLS = ("attr", "attrs", "werkzeug")
"""Of the tests alone. Libraries load them where they find them, 3 MB."""


@pytest.fixture
def settings(tmp_path: Path) -> dict[str, str]:
    """Hide what users do not install."""
    hidden = tmp_path / "hidden"
    hidden.mkdir()
    for name in TOOLS:
        (hidden / f"{name}.py").write_text("raise ImportError\n")
    return {"PYTHONPATH": str(hidden)}


def test_it_answers_within_seconds(tmp_path: Path, settings: dict[str, str]):
    """Each start after the first, as after an upgrade or a crash. Who else is busy on the machine may hold one up, but
    hardly three, and adds little to the processor's time that it takes (0.7 s where this was written)."""
    with process(tmp_path, "serve", "--migrate", **settings) as running:
        running.start()
        assert any(restart(running) < 5 for _ in range(3))
        started = whole(running)
        took = started.cpu_times()
        assert took.user + took.system < 2.5
        assert started.memory_info().rss < LARGEST


def test_memory_of_a_burst_is_released(tmp_path: Path, settings: dict[str, str]):
    """Also that of the migration at a first start, and the 19 MB of each password that is hashed, in whichever of the
    request threads."""
    with process(tmp_path, "serve", "--migrate", **settings) as running:
        running.start()
        before = whole(running).memory_info().rss
        with ThreadPoolExecutor(8) as people:
            for client in people.map(lambda _: running.admin(), range(16)):
                client.close()
        after = psutil.Process(running.process.pid).memory_info().rss
    assert before < LARGEST
    assert after < before + 15 * 2**20


def whole(running: Process) -> psutil.Process:
    """Return the process when its API answers as well."""
    assert 200 == httpx.get(f"{running.origin}/readyz", timeout=60).status_code
    return psutil.Process(running.process.pid)


def restart(running: Process) -> float:
    """Return the seconds until it answers, in its own time."""
    running.stop()
    began = time.monotonic()
    running.launch()
    passed, launched = own_time(running.process.pid), time.monotonic()
    running.wait_until_healthy()
    return passed() + launched - began


def test_it_loads_only_what_serving_needs(tmp_path: Path):
    """Up to the moment when it would listen."""
    code = (
        "import atexit, sys\n"
        f"atexit.register(lambda: print([name for name in {NOT_TO_SERVE} if sys.modules.get(name)]))\n"
        "from monitor.cli import main; main()"
    )
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        arguments = ("serve", "--migrate", "--port", str(taken.getsockname()[1]), "--data-dir", str(tmp_path / "data"))
        done = run(tmp_path, *arguments, command=(sys.executable, "-c", code))
    assert "can't listen" in done.stderr
    assert "[]\n" == done.stdout
