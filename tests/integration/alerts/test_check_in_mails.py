"""A job that does not come, or fails: its alert, the mail to the administrators, and the one about its end."""

from collections.abc import Iterator
from datetime import timedelta

import pytest

from monitor.adapters.memory.stand_ins import FixedClock
from monitor.application.accounts.users import CreateUser
from monitor.application.checks.check_ins import CreateCheckIn
from monitor.application.checks.missed import DetectMissed
from monitor.application.checks.pings import RecordPings
from monitor.application.operations.peers import FollowAlerts
from monitor.domain.accounts.actors import Role
from monitor.domain.alerts.alert import AlertState
from monitor.domain.checks.check_ins import CheckIn, Ping, PingKind
from tests.contracts.threads import at_once
from tests.integration.alerts.cores import Core, core
from tests.integration.alerts.mail_server import MailServer, mail_server

SECOND = timedelta(seconds=1)


@pytest.fixture
def mails() -> Iterator[MailServer]:
    with mail_server() as server:
        yield server


@pytest.fixture
def running(ready_url: str, mails: MailServer) -> Iterator[Core]:
    with core(ready_url, FixedClock(), mails.port) as made:
        made.person("ann")
        made.container.get(CreateUser)(
            made.admin, username="root", password="correct horse", role=Role.ADMIN, email="root@example.com"
        )
        yield made


def made(running: Core, **timetable: float | str) -> CheckIn:
    wanted = CheckIn(name="nightly dump", created_at=running.clock.now(), **timetable)  # type: ignore[arg-type]
    return running.container.get(CreateCheckIn)(running.admin, wanted)


def ping(running: Core, check_in: CheckIn, kind: PingKind, status: int | None = None, body: bytes = b"") -> None:
    sent = Ping(at=running.clock.now(), kind=kind, address="192.0.2.1", status=status, body=body)
    assert running.container.get(RecordPings)([(check_in.ping_key, sent)]) == [None]


def subjects(mails: MailServer) -> list[tuple[str, str]]:
    return [(mail.recipient, str(mail.message["Subject"])) for mail in mails.mails]


def test_a_missed_one_is_mailed_to_administrators_once_and_so_is_its_end(running: Core, mails: MailServer) -> None:
    check_in = made(running, schedule="15 14 * * *", timezone="Europe/Berlin", grace=600.0)  # 13:15 UTC
    ping(running, check_in, PingKind.SUCCESS)
    running.pass_time(timedelta(hours=1, minutes=24, seconds=59), step=15 * SECOND)
    assert subjects(mails) == []
    running.pass_time(60 * SECOND)
    missed = "[严重] nightly dump 未按时签到（应于 14:15 Europe/Berlin）"
    assert subjects(mails) == [("root@example.com", missed)]
    text = mails.mails[0].text
    assert "2030-01-01 14:15 (Europe/Berlin)" in text
    assert "100::" not in text
    assert "阈值" not in text
    ping(running, check_in, PingKind.SUCCESS)
    running.pass_time(60 * SECOND)
    assert [alert.state for alert in running.alerts()] == [AlertState.RESOLVED]
    assert [subject.partition("（")[0] for _, subject in subjects(mails)[1:]] == ["[已恢复] nightly dump 恢复签到"]


def test_a_failure_is_mailed_with_what_the_job_said(running: Core, mails: MailServer) -> None:
    check_in = made(running, period=3600.0, grace=60.0)
    ping(running, check_in, PingKind.FAIL, 3, b"pg_dump: error:\nno space left on <b>device</b>")
    running.pass_time(30 * SECOND)
    [(_, subject)] = subjects(mails)
    assert subject == "[严重] nightly dump 报告失败（退出码 3，pg_dump: error: / no space left on <b>device</b>）"
    assert "no space left on <b>device</b>" in mails.mails[0].text
    assert "no space left on &lt;b&gt;device&lt;/b&gt;" in mails.mails[0].html


def test_processes_that_find_the_same_fire_it_once(ready_url: str) -> None:
    """All at the same moment, and again when it ends."""
    clock = FixedClock()
    with core(ready_url, clock) as first, core(ready_url, clock) as second:
        check_ins = [made(first, period=60.0, grace=5.0) for _ in range(12)]
        for check_in in check_ins:
            ping(first, check_in, PingKind.SUCCESS)
        second.fleet.poll()
        clock.advance(30.0)
        for each in (first, second):
            each.background()
        clock.advance(35.0)
        for kind, state in ((None, AlertState.FIRING), (PingKind.SUCCESS, AlertState.RESOLVED)):
            if kind is not None:
                for check_in in check_ins:
                    ping(second, check_in, kind)
            for each in (first, second):
                each.container.get(FollowAlerts)()
            at_once(*(each.container.get(DetectMissed) for each in (first, second)))
            assert sorted(alert.server_id for alert in first.alerts()) == [check_in.id for check_in in check_ins]
            assert {alert.state for alert in first.alerts()} == {state}
