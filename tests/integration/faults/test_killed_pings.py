"""Jobs ping by curl, as in a crontab, while the server is killed again and again."""

import random
import shutil
import subprocess
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.integration.cli.client import Client
from tests.integration.cli.running import Process, server, wait_for

CURL = shutil.which("curl") or ""
JOBS = 3
KILLS = 5
KEPT = 60
"""Pings that are there in any case; older ones may be deleted by then."""
ATTEMPTS = 6
pytestmark = [pytest.mark.nightly, pytest.mark.skipif(not CURL, reason="needs curl")]


class Jobs:
    """Loops of `curl -fsS -m 10 --retry 5`, each with a check-in and a body that is sent but once."""

    def __init__(self, running: Process, check_ins: list[Any]) -> None:
        self._running = running
        self._is_over = threading.Event()
        self.acknowledged: dict[int, list[str]] = {each["id"]: [] for each in check_ins}
        self.refused: dict[int, list[str]] = {each["id"]: [] for each in check_ins}
        self._threads = [threading.Thread(target=self._run, args=(each,)) for each in check_ins]

    def start(self) -> None:
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        self._is_over.set()
        for thread in self._threads:
            thread.join(60.0)

    @property
    def count(self) -> int:
        return sum(map(len, self.acknowledged.values()))

    def wait_for_more(self, pings: int) -> None:
        goal = self.count + pings
        wait_for(lambda: self.count >= goal, "more pings")

    def _run(self, check_in: Any) -> None:
        number = 0
        while not self._is_over.is_set():
            number += 1
            url, body = f"{self._running.origin}{check_in['ping_path']}", f"run {number}"
            command = (CURL, "-fsS", "-m", "10", "--retry", "5", "--data-raw", body, "-o", "/dev/null", url)
            ended = subprocess.run(command, capture_output=True, check=False, timeout=120.0)
            (self.refused if ended.returncode else self.acknowledged)[check_in["id"]].append(body)
            if ended.returncode:
                self._is_over.wait(0.5)  # a server that starts needs the processor


@contextmanager
def pinging(running: Process, check_ins: list[Any]) -> Iterator[Jobs]:
    jobs = Jobs(running, check_ins)
    jobs.start()
    try:
        yield jobs
    finally:
        jobs.stop()


def created(admin: Client, **body: Any) -> Any:
    return admin.post("/api/check-ins", {"name": "job", "period": 3600, "grace": 60} | body).data


def ping(running: Process, check_in: Any) -> None:
    answer = httpx.get(f"{running.origin}{check_in['ping_path']}", timeout=10.0)
    assert (answer.status_code, answer.text) == (200, "OK")


def stored(admin: Client, check_in_id: int) -> list[str]:
    """Return the bodies that are kept, the oldest first."""
    return [each["body"] for each in reversed(admin.get(f"/api/check-ins/{check_in_id}/pings?limit=1000").data)]


def test_what_curl_calls_done_is_stored(tmp_path: Path, database_url: str) -> None:
    """Exit code 0 means that it is there; what is there was sent, each once or once for each attempt."""
    draw = random.Random(1)  # noqa: S311 (no secret): when to kill, the same at each run
    with server(tmp_path, database_url) as running:
        with running.admin() as admin:
            check_ins = [created(admin, name=f"job {n}") for n in range(JOBS)]
        with pinging(running, check_ins) as jobs:
            for _ in range(KILLS):
                jobs.wait_for_more(draw.randrange(1, 25))
                running.kill()
                running.start()
        with running.admin() as admin:
            for each in check_ins:
                kept, acknowledged = stored(admin, each["id"]), jobs.acknowledged[each["id"]]
                assert {*acknowledged[-KEPT:]} <= {*kept}
                assert all(count <= ATTEMPTS for count in Counter(kept).values())
                assert {*kept} <= {*acknowledged, *jobs.refused[each["id"]]}
                assert admin.get(f"/api/check-ins/{each['id']}").data["state"] == "up"
        assert "Traceback" not in running.said


def test_a_job_that_died_with_the_server_is_missed_after_its_restart(tmp_path: Path, database_url: str) -> None:
    """And one that pings again is not; nor is either for the time in which the server was away."""
    with server(tmp_path, database_url) as running:
        with running.admin() as admin:
            dead, alive = (created(admin, name=name, period=5, grace=5) for name in ("dead", "alive"))
        for each in (dead, alive):
            ping(running, each)
        running.kill()
        too_late = time.monotonic() + 11.0
        wait_for(lambda: time.monotonic() > too_late, "the end of their time")
        running.start()
        with running.admin() as admin:
            assert [each["state"] for each in admin.get("/api/check-ins").data] == ["late", "late"]

            def is_missed() -> bool:
                ping(running, alive)
                return bool(admin.get("/api/alerts?state=firing").data)

            wait_for(is_missed, "the alert", 30.0)
            [alert] = admin.get("/api/alerts").data
            assert (alert["check_in_id"], alert["server_id"], alert["metric"]) == (dead["id"], None, "check_in")
            assert (alert["level"], alert["server_name"]) == ("critical", "dead")
            ping(running, dead)
            ended = f"/api/alerts/{alert['id']}"
            wait_for(lambda: admin.get(ended).data["state"] == "resolved", "its end", 30.0)
