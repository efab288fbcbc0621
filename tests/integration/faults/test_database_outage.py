"""The database goes away, or hangs, and comes back; the server outlives it."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.integration.cli.client import Answer, Client
from tests.integration.cli.running import PASSWORD, Process, server, wait_for
from tests.integration.faults.live_stream import LiveStream
from tests.integration.faults.senders import sending
from tests.integration.mariadb import MariaDb
from tests.integration.own_time import own_time

pytestmark = pytest.mark.nightly

SAMPLE = {"metrics": {"cpu_value": 1, "memory_value": 2, "disk_value": 3}}
LONGEST_ANSWER = 30.0
"""Seconds: the driver waits ten for an answer on its old connection, ten on a new one, and others may be before us."""


@pytest.fixture
def running(tmp_path: Path, own_mariadb: MariaDb) -> Iterator[Process]:
    with server(tmp_path, own_mariadb.url(own_mariadb.create_database())) as process:
        yield process


class People:
    """A user who is logged in, one who logs in, and an agent that reports."""

    def __init__(self, running: Process, stack: ExitStack) -> None:
        self._admin = stack.enter_context(running.admin())
        made = self._admin.post("/api/servers", {"server_name": "host", "ip_address": "10.0.0.99"}).data
        key = self._admin.post("/api/api-keys", {"name": "agent", "server_id": made["id"]}).data["key"]
        self._agent = stack.enter_context(Client(running.port, key=key, timeout=LONGEST_ANSWER))
        self._new_client = stack.enter_context(Client(running.port, timeout=LONGEST_ANSWER))
        self._prober = stack.enter_context(Client(running.port, timeout=LONGEST_ANSWER))
        self.stream = stack.enter_context(LiveStream(running.port, self._admin))

    def ask(self) -> list[Answer]:
        """Intake, a list and a log-in at the same time."""
        credentials = {"username": "admin", "password": PASSWORD}
        with ThreadPoolExecutor(3) as pool:
            asked = [
                pool.submit(self._agent.post, "/api/monitor/data", SAMPLE),
                pool.submit(self._admin.get, "/api/servers"),
                pool.submit(self._new_client.post, "/api/auth/login", credentials),
            ]
            return [future.result() for future in asked]

    def status(self, path: str) -> int:
        return self._prober.get(path).status

    def see_an_outage(self) -> None:
        for answer in self.ask():
            assert (503, 503, "storage_unavailable") == (answer.status, answer.body["code"], answer.reason)
            assert int(answer.headers["retry-after"]) > 0
        assert (200, 503) == (self.status("/healthz"), self.status("/readyz"))
        assert self.stream.is_open

    def see_all_is_well(self) -> None:
        """Check that all works again without a restart of the server."""
        wait_for(lambda: self.status("/readyz") == 200, "a ready server")
        assert [200, 200, 200] == [answer.status for answer in self.ask()]
        seen = self.stream.samples
        assert [200, 200, 200] == [answer.status for answer in self.ask()]
        wait_for(lambda: self.stream.samples > seen, "the sample on the live stream")


@pytest.fixture
def people(running: Process) -> Iterator[People]:
    with ExitStack() as stack:
        yield People(running, stack)


@pytest.mark.parametrize("end", [MariaDb.stop, MariaDb.kill])
def test_a_database_that_goes_away(
    running: Process, people: People, own_mariadb: MariaDb, end: Callable[[MariaDb], None]
):
    """Clients are asked to retry; all acknowledged samples are there afterwards."""
    with sending(running, requests=40_000) as senders:
        senders.wait_for_more(200)
        end(own_mariadb)
        people.see_an_outage()
        own_mariadb.start()
        people.see_all_is_well()
        senders.wait_for_more(200)
        senders.finish()
        senders.check(running)
    assert "Traceback" not in running.said


def test_a_database_that_hangs(running: Process, people: People, own_mariadb: MariaDb):
    """Each request ends, and those that do not need the database are answered at once."""
    own_mariadb.pause()
    try:
        with ThreadPoolExecutor(1) as pool:
            outage = pool.submit(people.ask)
            with running.client() as prober:
                while not outage.done():
                    passed = own_time(running.process.pid)
                    assert 200 == prober.get("/healthz").status
                    assert passed() < 2
            assert [503, 503, 503] == [answer.status for answer in outage.result()]
        assert people.stream.is_open
    finally:
        own_mariadb.resume()
    people.see_all_is_well()
    assert "Traceback" not in running.said


def test_a_database_that_hangs_for_a_moment(people: People, own_mariadb: MariaDb):
    """Shorter than the driver's timeout: only the duration shows it."""
    with ThreadPoolExecutor(1) as pool:
        own_mariadb.pause()
        try:
            answers = pool.submit(people.ask)
            assert 200 == people.status("/healthz")
            assert not answers.done()
        finally:
            own_mariadb.resume()
        assert [200, 200, 200] == [answer.status for answer in answers.result()]
