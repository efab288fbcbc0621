"""Two monitors that watch each other by check-ins, as docs/two-monitors.md says; and what stops the heartbeat."""

from pathlib import Path

import pytest
from structlog.testing import capture_logs

from monitor.adapters.memory.fakes import FixedClock
from monitor.application.intake.queue import IntakeQueue
from monitor.assembly import in_memory
from monitor.domain.errors import Unavailable
from monitor.settings import Settings
from monitor.worker import Worker, heartbeat_jobs
from tests.integration.cli.running import server, wait_for
from tests.integration.notify.hooks import Hook, serving
from tests.integration.ports import free_port

pytestmark = pytest.mark.nightly


def test_when_one_dies_the_other_fires(tmp_path: Path) -> None:
    watching, watched = tmp_path / "watching", tmp_path / "watched"
    watching.mkdir()
    watched.mkdir()
    with server(watching) as one, one.admin() as admin:
        made = admin.post("/api/check-ins", {"name": "the other monitor", "period": 5, "grace": 1}).data
        own = f"/api/check-ins/{made['id']}"
        with server(watched, MONITOR_HEARTBEAT_URL=one.origin + made["ping_path"]) as other:
            wait_for(lambda: admin.get(own).data["state"] == "up", "the first heartbeat")
            assert not admin.get(f"/api/alerts?check_in_id={made['id']}").data
            other.kill()
            wait_for(lambda: admin.get(f"/api/alerts?check_in_id={made['id']}").data, "an alert")
        assert "down" == admin.get(own).data["state"]


def send(url: str, *, works: bool = True) -> None:
    settings = Settings(database_url="", data_dir=Path(), heartbeat_url=url)
    core = in_memory(settings, clock=FixedClock())
    queue = core.get(IntakeQueue)
    queue.start(lambda _: None)
    try:
        [(_, pause, job)] = heartbeat_jobs(core)
        assert 60.0 == pause
        if not works:
            queue.close(5)
        job()
    finally:
        queue.close(5)


def test_without_an_address_there_is_no_heartbeat() -> None:
    assert [] == heartbeat_jobs(in_memory(Settings(database_url="", data_dir=Path())))


def test_it_is_a_request_for_the_address() -> None:
    with serving(Hook(answer=lambda _: (200, {}, b"OK"))) as hook:
        send(f"http://127.0.0.1:{hook.port}/ping/abc?x=y")
    assert ["/ping/abc?x=y"] == [each.path for each in hook.received]


def test_nothing_is_sent_while_something_does_not_work() -> None:
    with serving(Hook()) as hook, pytest.raises(Unavailable, match="the intake is stopped"):
        send(f"http://127.0.0.1:{hook.port}/", works=False)
    assert [] == hook.received


@pytest.mark.parametrize("status", [302, 404, 500])
def test_an_answer_that_is_no_success_is_said(status: int) -> None:
    with (
        serving(Hook(answer=lambda _: (status, {"Location": "/elsewhere"}, b""))) as hook,
        pytest.raises(Unavailable, match=f"answers with status {status}"),
    ):
        send(f"http://127.0.0.1:{hook.port}/s3cret")
    assert 1 == len(hook.received)


def test_the_log_says_why_without_the_address() -> None:
    url = f"http://127.0.0.1:{free_port()}/s3cret"
    core = in_memory(Settings(database_url="", data_dir=Path(), heartbeat_url=url))
    queue = core.get(IntakeQueue)
    queue.start(lambda _: None)
    worker = Worker(heartbeat_jobs(core))
    with capture_logs() as logs:
        worker.start()
        wait_for(lambda: logs, "a line in the log")
        worker.stop()
    queue.close(5)
    [line] = logs
    assert ("job fails", "send the heartbeat", False) == (line["event"], line["job"], line["exc_info"])
    assert "cannot be reached: Connection refused" in line["error"]
    assert "s3cret" not in str(logs)
