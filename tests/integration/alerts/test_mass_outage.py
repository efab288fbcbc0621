"""An outage of a rack is one mail, not a hundred, and an outage of the server causes no alert."""

from datetime import timedelta

import pytest

from monitor.adapters.memory.fakes import FixedClock
from monitor.domain.alerts.alert import AlertState
from monitor.domain.fleet.servers import ServerId
from monitor.domain.notifications.outbox import DeliveryState
from monitor.domain.policies.policies import OFFLINE
from tests.integration.alerts.cores import INTERVAL, Core, core
from tests.integration.alerts.mail_server import MailServer, mail_server

pytestmark = pytest.mark.nightly

HOSTS = 100
PEOPLE = ("ann", "bob", "cai")
TEAM = "team@example.com"
RECIPIENTS = {*(f"{name}@example.com" for name in PEOPLE), TEAM}


@pytest.fixture
def mails():
    with mail_server() as server:
        yield server


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock()


def a_fleet(running: Core) -> list[ServerId]:
    people = [running.person(name) for name in PEOPLE]
    running.person("dee")  # linked to nothing: hears nothing
    running.team(TEAM)
    servers = [running.server(number, people) for number in range(HOSTS)]
    for _ in range(12):
        running.report(*servers)
        running.clock.advance(INTERVAL)
        running.background()
    return servers


class TestAHundredHostsAtOnce:
    def test_are_one_mail_for_each_recipient(self, ready_url: str, clock: FixedClock, mails: MailServer):
        with core(ready_url, clock, mails.port) as running:
            servers = a_fleet(running)
            running.pass_time(timedelta(minutes=5))
            assert HOSTS == len(running.alerts(AlertState.FIRING))
            assert {OFFLINE} == {alert.metric for alert in running.alerts()}
            assert RECIPIENTS == {mail.recipient for mail in mails.mails}
            assert len(RECIPIENTS) == len(mails.mails)
            assert all("100" in mail.message["Subject"] for mail in mails.mails)
            assert HOSTS * len(RECIPIENTS) == len(running.outbox(DeliveryState.SENT))

            running.report(*servers)
            running.pass_time(timedelta(minutes=1))
            assert [] == running.alerts(AlertState.FIRING)
            assert 2 * len(RECIPIENTS) == len(mails.mails)

    def test_say_each_host_or_how_many_more_there_are(
        self, ready_sqlite_url: str, clock: FixedClock, mails: MailServer
    ):
        with core(ready_sqlite_url, clock, mails.port) as running:
            a_fleet(running)
            running.pass_time(timedelta(minutes=3))
        assert mails.mails
        for mail in mails.mails:
            listed = {number for number in range(HOSTS) if f"host-{number} " in mail.text}
            assert len(listed) >= 50
            assert len(listed) == HOSTS or str(HOSTS - len(listed)) in mail.text


class TestTheServersOwnOutage:
    def test_of_an_hour_makes_no_host_offline(self, ready_url: str, clock: FixedClock, mails: MailServer):
        with core(ready_url, clock, mails.port) as running:
            servers = a_fleet(running)
        clock.advance(timedelta(hours=1))
        with core(ready_url, clock, mails.port) as again:
            again.pass_time(timedelta(seconds=80))
            again.report(*servers)
            for _ in range(20):
                clock.advance(INTERVAL)
                again.background()
                again.report(*servers)
                again.send()
            assert [] == again.alerts()
        assert [] == mails.mails

    def test_hosts_that_went_offline_in_between_are_in_one_mail(
        self, ready_sqlite_url: str, clock: FixedClock, mails: MailServer
    ):
        with core(ready_sqlite_url, clock, mails.port) as running:
            servers = a_fleet(running)
        dead, alive = servers[:40], servers[40:]
        clock.advance(timedelta(hours=1))
        with core(ready_sqlite_url, clock, mails.port) as again:
            for _ in range(20):
                again.report(*alive)
                again.pass_time(INTERVAL)
            assert set(dead) == {alert.server_id for alert in again.alerts(AlertState.FIRING)}
        assert len(RECIPIENTS) == len(mails.mails)
        assert all("40" in mail.message["Subject"] for mail in mails.mails)

    def test_what_fired_before_it_is_still_announced_once(
        self, ready_sqlite_url: str, clock: FixedClock, mails: MailServer
    ):
        """The process ended before it could tell of them."""
        with core(ready_sqlite_url, clock, mails.port) as running:
            a_fleet(running)
            clock.advance(timedelta(minutes=2))
            running.background()
            assert HOSTS == len(running.alerts(AlertState.FIRING))
        clock.advance(timedelta(hours=1))
        with core(ready_sqlite_url, clock, mails.port) as again:
            again.pass_time(timedelta(minutes=3))
        assert RECIPIENTS == {mail.recipient for mail in mails.mails}
        assert len(RECIPIENTS) == len(mails.mails)
