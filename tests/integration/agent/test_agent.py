"""A real agent against a server that comes, goes, refuses and hangs."""

import json
import subprocess
import sys
from datetime import datetime, timedelta
from functools import partial
from itertools import pairwise
from pathlib import Path

import pytest

from monitor.adapters.agent.uplink.spool import ACKNOWLEDGED, Spool, line_of
from tests.integration.agent.api import Api, Reply, Request, reply, serving, stored, wait_for
from tests.integration.agent.running import agent, environment, run, spooled

CERTIFICATES = Path(__file__).parent / "tls"


def gaps(recorded: list[str]) -> list[float]:
    """Seconds between samples, in the order of their times."""
    times = sorted(datetime.fromisoformat(text) for text in recorded)
    return [(later - earlier).total_seconds() for earlier, later in pairwise(times)]


def are_one(spooled: str, sent: str) -> bool:
    """Whether both are times of one sample: by the host's clock before it knew the server's, and by the server's."""
    return abs(datetime.fromisoformat(spooled) - datetime.fromisoformat(sent)) < timedelta(seconds=0.4)


def test_it_reports_until_it_is_stopped(api, tmp_path):
    with agent(tmp_path, API_URL=api.url) as running:
        wait_for(lambda: len(api.requests) >= 3, "three samples")
        sample = api.requests[-1].body
        assert set(sample) == {"metrics", "recorded_at", "interval", "agent", "processes"}
        assert set(sample["metrics"]) == {"cpu_value", "memory_value", "disk_value", "extra"}
        assert running.stop_at_once() == 0
    assert api.connections == 1
    assert spooled(running.spool) == []
    assert len(running.said) == 1
    assert "mk_0123456789" not in "".join(running.said)


def test_without_failures_nothing_is_written(api, tmp_path):
    with agent(tmp_path, API_URL=api.url) as running:
        wait_for(lambda: len(api.requests) >= 2, "two samples")
        before = running.spool.stat()
        wait_for(lambda: len(api.requests) >= 4, "two more")
        after = running.spool.stat()
    assert (before.st_size, before.st_mtime_ns) == (0, after.st_mtime_ns)


def test_the_first_sample_says_what_the_host_is(api, tmp_path):
    with agent(tmp_path, API_URL=api.url):
        wait_for(lambda: len(api.requests) >= 3, "three samples")
    assert ["facts" in request.body["agent"] for request in api.requests[:3]] == [True, False, False]
    facts = api.requests[0].body["agent"]["facts"]
    assert facts["memory"] > 0
    assert facts["kernel"]


def test_an_agent_that_was_killed_before_the_system_restarted_knows(api, tmp_path):
    with agent(tmp_path, API_URL=api.url) as running:
        wait_for(lambda: len(api.requests) >= 1, "a sample")
        assert api.extra["unexpected_restart"] == 0
        file = running.spool.with_suffix(".spool.boot")
        boot, state = file.read_text().split(" ", 1)
        assert state == "running 0\n"
        running.kill()
    file.write_text(f"{boot[::-1]} {state}")
    with agent(tmp_path, API_URL=api.url) as running:
        wait_for(lambda: file.read_text() == f"{boot} running 1\n", "what it found")
        assert running.stop_at_once() == 0
    assert file.read_text() == f"{boot} stopped 1\n"


def test_an_outage_loses_nothing_and_repeats_nothing(tmp_path):
    """The newest first, then all that waited, in order; no tick was missed."""
    api = Api()
    with serving(api), agent(tmp_path, API_URL=api.url) as running:
        wait_for(lambda: len(api.requests) >= 2, "two samples")
    with agent(tmp_path, API_URL=api.url) as running:
        wait_for(lambda: running.waiting >= 3, "three samples in the spool")
        before = len(api.requests)
        with serving(api):
            wait_for(lambda: any("samples" in request.body for request in api.requests), "the backlog")
            wait_for(lambda: len(api.requests) >= before + 3, "a live sample after it")
            live, backlog = api.requests[before], api.requests[before + 1]
            assert running.stop() == 0
    assert "samples" not in live.body
    waited = [sample["recorded_at"] for sample in backlog.samples]
    assert waited == sorted(waited)
    assert max(waited) < live.body["recorded_at"]
    assert len(api.recorded) == len(set(api.recorded))
    assert max(gaps(api.recorded[before:])) < 2.9
    assert spooled(running.spool) == []
    assert any("recovered" in line for line in running.said)


def test_a_kill_loses_no_spooled_sample(tmp_path):
    with serving(Api()) as api:
        pass
    with agent(tmp_path, API_URL=api.url) as running:
        wait_for(lambda: running.waiting >= 3, "three samples in the spool")
        running.kill()
    kept = [json.loads(record)["recorded_at"] for record in spooled(running.spool)]
    assert len(kept) >= 3
    with serving(api), agent(tmp_path, API_URL=api.url):
        wait_for(lambda: all(any(map(partial(are_one, at), api.recorded)) for at in kept), "what was spooled")
    assert "samples" not in api.requests[0].body
    assert len(api.recorded) == len(set(api.recorded))


def test_what_the_server_may_have_lost_is_sent_again(api, tmp_path):
    """Also what an agent got acknowledged that was killed since."""
    epochs = ["first"]

    def answer(request: Request) -> Reply:
        status, headers, body = stored(request)
        return status, {**headers, "X-Monitor-Epoch": epochs[-1], "X-Monitor-Durable": "60"}, body

    api.answer = answer
    with agent(tmp_path, API_URL=api.url) as running:
        wait_for(lambda: len(api.requests) >= 3, "three samples")
        running.kill()
    before = api.recorded
    epochs.append("second")
    with agent(tmp_path, API_URL=api.url) as running:
        wait_for(lambda: len(api.recorded) >= len(set(api.recorded)) + len(before) - 1, "the samples again")
        assert running.stop() == 0
    # The last answer to the first agent may have come after its end.
    assert all(api.recorded.count(at) == 2 for at in before[:-1])
    assert any("samples are sent again" in line for line in running.said)


def test_a_damaged_spool_stops_nothing(api, tmp_path):
    spool = Spool(str(tmp_path / "agent.spool"), lambda _line: None)
    for number in range(3):
        spool.append(b'{"recorded_at":"%d"}' % number)
    spool.close()
    text = Path(tmp_path / "agent.spool").read_bytes()
    spoiled = text.replace(b'"1"', b'"\xff"') + line_of(ACKNOWLEDGED, b"nowhere") + b"\x00" * 5000
    (tmp_path / "agent.spool").write_bytes(spoiled)
    with agent(tmp_path, API_URL=api.url) as running:
        wait_for(lambda: {"0", "2"} <= set(api.recorded), "what is whole")
        assert running.stop() == 0
    assert b'"\xff"' in (tmp_path / "agent.spool.rejected").read_bytes()
    assert len([line for line in running.said if "set aside" in line]) == 1


def test_a_spool_behind_a_link_is_not_used(api, tmp_path):
    """Another user could put one into a folder like /tmp, so that the agent overwrites a file of its own user."""
    (tmp_path / "theirs").write_text("theirs")
    (tmp_path / "agent.spool").symlink_to(tmp_path / "theirs")
    with agent(tmp_path, API_URL=api.url) as running:
        wait_for(lambda: len(api.requests) >= 2, "samples")
        assert running.stop() == 0
    assert (tmp_path / "theirs").read_text() == "theirs"
    assert "is a symbolic link" in running.said[0]


def test_a_server_that_hangs_stops_neither_the_samples_nor_the_end(api, tmp_path):
    blocked = []

    def hang(request):
        blocked.append(request)
        wait_for(lambda: running.process.poll() is not None, "the agent's end")
        return reply(503)

    with agent(tmp_path, API_URL=api.url) as running:
        api.answer = hang
        wait_for(lambda: running.waiting >= 3, "samples in the spool while the server hangs")
        assert running.stop_at_once() == 0
    assert len(blocked) == 1
    kept = [json.loads(record)["recorded_at"] for record in spooled(running.spool)]
    assert blocked[0].body["recorded_at"] in kept
    assert max(gaps(kept)) < 2.9


def test_a_refused_key_is_logged_once_and_loses_nothing(api, tmp_path):
    api.answer = lambda _request: reply(401)
    with agent(tmp_path, API_URL=api.url) as running:
        wait_for(lambda: running.waiting >= 3, "samples in the spool")
        assert running.stop() == 0
    assert len([line for line in running.said if "401" in line]) == 1


def test_a_second_agent_with_the_same_spool_is_refused(api, tmp_path):
    with agent(tmp_path, API_URL=api.url) as running:
        wait_for(lambda: api.requests, "a sample")
        second = run(API_URL=api.url, API_KEY="mk_x", AGENT_SPOOL=str(running.spool))
    assert second.returncode == 1
    assert second.stderr.count("\n") == 1
    assert str(running.spool) in second.stderr


def test_a_spool_that_cannot_be_written_is_only_logged(api, tmp_path):
    (tmp_path / "file").touch()
    spool = str(tmp_path / "file" / "agent.spool")
    with agent(tmp_path, API_URL=api.url, AGENT_SPOOL=spool) as running:
        wait_for(lambda: len(api.requests) >= 2, "samples")
        assert running.stop() == 0
    assert len([line for line in running.said if "AGENT_SPOOL" in line]) == 1


def test_the_agent_of_a_server_ends_in_order(api, tmp_path):
    settings = environment(API_URL=api.url, API_KEY="mk_x", AGENT_SPOOL=str(tmp_path / "agent.spool"))
    command = (sys.executable, "-m", "monitor.adapters.agent.child")
    with subprocess.Popen(command, env=settings, stdin=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        wait_for(lambda: api.requests, "a sample")
        process.terminate()
        assert process.wait(timeout=10) == 0
        assert process.stderr is not None
        assert process.stderr.read().count("\n") == 1


def test_once(api):
    settings = {"API_URL": api.url, "API_KEY": "mk_x"}
    done = run("--once", **settings)
    assert (done.returncode, done.stdout) == (0, f"stored by {api.url}\n")
    assert len(api.requests) == 1
    api.answer = lambda _request: reply(403)
    refused = run("--once", **settings)
    assert refused.returncode == 1
    assert refused.stdout == f"not stored by {api.url}: 403 said the server: API_KEY may not report this host\n"


def test_the_payload_is_printed_without_network_or_key():
    done = run("--print-payload", API_URL="http://192.0.2.1:9")
    assert (done.returncode, done.stderr) == (0, "")
    assert {"metrics", "recorded_at", "interval"} <= json.loads(done.stdout).keys()


@pytest.mark.parametrize(("certificates", "megabytes"), [(None, 20), (CERTIFICATES, 24)])
def test_it_stays_small(certificates, megabytes, tmp_path):
    """The goals, with room for other builds of Python."""
    with serving(Api(), certificates=certificates) as api:
        url = f"https://localhost:{api.port}" if certificates else api.url
        with agent(tmp_path, API_URL=url, SSL_CERT_FILE=str(CERTIFICATES / "cert.pem")) as running:
            wait_for(lambda: len(api.requests) >= 3, "samples")
            assert running.status("VmRSS") < megabytes * 1024


def test_it_loads_nothing_heavy():
    code = """
import os, sys
from monitor.adapters.agent.main import main
main(["--once", "--api-url", "http://127.0.0.1:1"])
heavy = {"litestar", "sqlalchemy", "httpx", "click", "msgspec", "asyncio", "ssl", "dataclasses", "logging", "requests"}
heavy |= {"http", "email", "urllib", "datetime", "random", "psutil", "subprocess", "zipfile"}
print(sorted(heavy & set(sys.modules)))
"""
    done = run("-c", code, command=(sys.executable,), API_KEY="mk_x")
    assert done.stdout.splitlines()[-1] == "[]", (done.stdout, done.stderr)
