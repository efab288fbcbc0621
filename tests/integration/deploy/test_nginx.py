"""While one of two processes can't serve, nginx as it is shipped sends agents and people to the other."""

import re
import signal
import subprocess
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from functools import partial
from http.client import HTTPConnection
from pathlib import Path

import pytest

from scripts.system import SEARCH_PATH
from tests.integration.cli.client import Client
from tests.integration.cli.running import wait_for
from tests.integration.deploy.balanced import SHIPPED, Balanced, balanced
from tests.integration.faults.live_stream import LiveStream
from tests.integration.http.world import report
from tests.integration.mariadb import MariaDb
from tests.integration.nginx import TLS

AGENTS = 16
ROUNDS = 25
AGENT_PATIENCE = 10.0
"""Seconds that an agent waits for an answer."""


@pytest.fixture(scope="module")
def set_up(tmp_path_factory: pytest.TempPathFactory, mariadb: MariaDb) -> Iterator[Balanced]:
    with balanced(tmp_path_factory.mktemp("balanced"), mariadb) as running:
        yield running


@pytest.fixture(scope="module")
def agents(set_up: Balanced) -> Iterator[list[Client]]:
    clients = set_up.agents(AGENTS)
    for client in clients:  # a process hears of a key that another made within a second
        wait_for(partial(is_known, client), "a key to be known")
    yield clients
    for client in clients:
        client.close()


def send(agent: Client) -> int:
    return agent.post("/api/monitor/data", report()).status


def is_known(agent: Client) -> bool:
    return send(agent) == 200


def send_all(agents: Sequence[Client], rounds: int = ROUNDS) -> Counter[int]:
    """How often each status was answered."""
    with ThreadPoolExecutor(len(agents)) as pool:
        return Counter(status for _ in range(rounds) for status in pool.map(send, agents))


def of_the_second(set_up: Balanced, agents: Sequence[Client]) -> list[Client]:
    """Those who meet the second process, found by a sample of each."""
    found = []
    for agent in agents:
        before = set_up.stored()
        assert 200 == send(agent)
        first, second = (after - stored for stored, after in zip(before, set_up.stored(), strict=True))
        assert 1 == first + second
        found += [agent] * second
    return found


@pytest.mark.parametrize("speaks", ["http", "https"])
def test_it_is_valid_as_shipped_and_with_the_lines_for_tls(tmp_path: Path, speaks: str):
    configuration = SHIPPED
    if speaks == "https":
        configuration = re.sub(r"#     (listen|ssl_)", r"\1", configuration.replace("        listen 8080;\n", ""))
        configuration = configuration.replace("/etc/ssl/monitor.pem", str(TLS / "cert.pem"))
        configuration = configuration.replace("/etc/ssl/monitor.key", str(TLS / "key.pem"))
        assert 3 == len(re.findall(r"^ +(?:listen|ssl_).*;$", configuration, re.MULTILINE))
    own = configuration.replace("/tmp/nginx", f"{tmp_path}/nginx")  # noqa: S108 (the name in the shipped file)
    (tmp_path / "nginx.conf").write_text(own)
    command = ("nginx", "-t", "-q", "-p", tmp_path, "-c", tmp_path / "nginx.conf")
    done = subprocess.run(command, capture_output=True, text=True, env={"PATH": SEARCH_PATH}, check=False)
    assert (0, "") == (done.returncode, done.stderr)


@pytest.mark.nightly
def test_each_agent_meets_the_same_process_again_and_both_are_met(set_up: Balanced, agents: list[Client]):
    once, again = of_the_second(set_up, agents), of_the_second(set_up, agents)
    assert once == again
    assert 0 < len(once) < len(agents)


@pytest.mark.nightly(each=True)
def test_no_report_fails_while_the_database_of_one_is_away(set_up: Balanced, agents: list[Client]):
    with set_up.second_without_database():
        with set_up.second.client() as direct:
            assert 503 == direct.get("/readyz").status
        before, _ = set_up.stored()
        assert {200: AGENTS * ROUNDS} == send_all(agents)
        after, _ = set_up.stored()
    assert AGENTS * ROUNDS == after - before
    assert of_the_second(set_up, agents), "the second is met again"


@pytest.mark.nightly(each=True)
def test_no_page_fails_meanwhile(set_up: Balanced):
    with set_up.first.admin() as admin, Client(set_up.port) as person, set_up.second_without_database():
        assert admin.token
        person.use(admin.token)
        paths = ("/api/servers", "/api/monitor/data?limit=5", "/api/alerts")
        assert {200: 120} == Counter(person.get(path).status for path in paths for _ in range(40))


@pytest.mark.nightly(each=True)
def test_no_report_fails_while_one_is_restarted(set_up: Balanced, agents: list[Client]):
    set_up.second.kill()
    assert {200: AGENTS * ROUNDS} == send_all(agents)
    set_up.second.start()
    assert {200: AGENTS} == send_all(agents, rounds=1)


@pytest.mark.nightly
def test_an_agent_of_a_process_that_hangs_is_answered_in_time(set_up: Balanced, agents: list[Client]):
    agent = of_the_second(set_up, agents)[0]
    set_up.second.signal(signal.SIGSTOP)
    try:
        started = time.monotonic()
        assert 200 == send(agent)
        assert time.monotonic() - started < AGENT_PATIENCE
    finally:
        set_up.second.signal(signal.SIGCONT)


def test_live_events_come_at_once_and_another_process_goes_on_with_them(set_up: Balanced, agents: list[Client]):
    """A browser connects anew by itself."""
    with set_up.first.admin() as admin:
        with LiveStream(set_up.port, admin) as stream:
            assert 200 == send(agents[0])
            wait_for(lambda: stream.samples, "an event through nginx", AGENT_PATIENCE)
            set_up.second.kill()
            with LiveStream(set_up.port, admin) as another:
                before = another.samples
                assert 200 == send(agents[0])
                wait_for(lambda: another.samples > before, "an event of the process that is left", AGENT_PATIENCE)
        set_up.second.start()


@pytest.mark.parametrize("path", ["/metrics", "/metrics/", "/metrics?a=b", "//metrics", "/%6detrics"])
def test_metrics_are_not_shown_through_it(set_up: Balanced, path: str):
    """Each process has its own, and with a key of the fleet many could read them."""
    with set_up.first.client() as here, Client(set_up.port) as outside:
        assert 200 == here.get("/metrics").status
        assert 404 == outside.get(path).status


@pytest.mark.parametrize(
    ("path", "size", "status"),
    [
        ("/api/prometheus/write", 4_000_000, 401),
        ("/api/config/plan", 20_000_000, 400),
        ("/api/config/apply", 20_000_000, 400),
        ("/api/config/apply", 21_000_000, 413),
        ("/api/users", 1_100_000, 413),
    ],
)
def test_bodies_are_as_large_as_the_server_takes_them(set_up: Balanced, path: str, size: int, status: int):
    with set_up.first.admin() as admin, closing(HTTPConnection("127.0.0.1", set_up.port, timeout=60)) as connection:
        headers = {"Content-Type": "application/json"}
        if status != 401:
            headers["Authorization"] = f"Bearer {admin.token}"
        connection.request("POST", path, b" " * size, headers)
        assert status == connection.getresponse().status


def test_the_database_host_is_not_shown_through_it(set_up: Balanced):
    with set_up.first.client() as here, Client(set_up.port) as outside:
        assert here.get("/readyz").body["store"]["host"]
        assert outside.get("/readyz").body["store"] == {"host": None, "can_write": True}
