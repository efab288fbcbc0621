"""Mail servers that refuse, delay, or hang up, and the mails of each recipient."""

import threading
from collections.abc import Iterator
from datetime import timedelta

import pytest

from monitor.adapters.memory.fakes import FixedClock
from monitor.domain.fleet.servers import ServerId
from monitor.domain.notifications.outbox import FIRST_PAUSE, LEASE, DeliveryState
from tests.contracts.threads import DEADLINE
from tests.integration.alerts.cores import Core, core
from tests.integration.alerts.mail_server import MailServer, mail_server
from tests.integration.ports import free_port

ANN, BOB, CAI = "ann@example.com", "bob@example.com", "cai@example.com"
DIGEST = timedelta(seconds=10)
SECOND = timedelta(seconds=1)


@pytest.fixture
def mails() -> Iterator[MailServer]:
    with mail_server() as server:
        yield server


@pytest.fixture
def running(ready_sqlite_url: str, mails: MailServer) -> Iterator[Core]:
    with core(ready_sqlite_url, FixedClock(), mails.port) as made:
        made.quick_policies()
        made.expect_no_reports()
        yield made


def a_breach(running: Core, number: int = 1) -> ServerId:
    """Of a server of three people."""
    people = [running.person(name) for name in ("ann", "bob", "cai")]
    server = running.server(number, people)
    running.report(server, cpu=95)
    return server


def received(mails: MailServer) -> list[str]:
    return sorted(mail.recipient for mail in mails.mails)


class TestRefusedForGood:
    def test_is_parked_and_shown_and_the_others_get_theirs(self, running: Core, mails: MailServer):
        mails.refusals[BOB] = "550 5.1.1 no such mailbox"
        a_breach(running)
        running.pass_time(DIGEST)
        assert [ANN, CAI] == received(mails)
        (parked,) = running.outbox(DeliveryState.PARKED)
        assert "550 5.1.1 no such mailbox" in parked.last_error
        assert 1 == parked.attempts

    def test_is_not_tried_again(self, running: Core, mails: MailServer):
        mails.refusals[BOB] = "550 5.1.1 no such mailbox"
        a_breach(running)
        running.pass_time(DIGEST)
        mails.refusals.clear()
        running.pass_time(timedelta(hours=1), timedelta(minutes=1))
        assert [ANN, CAI] == received(mails)

    def test_a_refused_recipient_is_notified_of_the_next_alert(self, running: Core, mails: MailServer):
        mails.refusals[BOB] = "550 5.1.1 no such mailbox"
        server = a_breach(running)
        running.pass_time(DIGEST)
        mails.refusals.clear()
        running.report(server, cpu=10)
        running.clock.advance(timedelta(hours=1))
        running.report(server, cpu=95)
        running.pass_time(DIGEST)
        assert 1 == len(mails.to(BOB))
        assert "95" in mails.to(BOB)[0].text


class TestPutOff:
    def test_arrives_after_the_first_pause_and_not_before(self, running: Core, mails: MailServer):
        mails.refusals[BOB] = "451 4.7.1 greylisted, come again"
        a_breach(running)
        running.pass_time(DIGEST)
        mails.refusals.clear()
        running.pass_time(FIRST_PAUSE - 2 * SECOND, SECOND)
        assert [ANN, CAI] == received(mails)
        running.pass_time(2 * SECOND, SECOND)
        assert [ANN, BOB, CAI] == received(mails)
        assert 2 == next(n for n in running.outbox() if n.address == BOB).attempts

    @pytest.mark.nightly(each=True)
    def test_of_the_whole_server_all_arrive_later_and_once(self, running: Core, mails: MailServer):
        mails.response = "452 4.3.1 disk full"
        a_breach(running)
        running.pass_time(DIGEST + timedelta(minutes=20), timedelta(seconds=30))
        assert [] == mails.mails
        assert {"pending"} == {n.delivery.value for n in running.outbox()}
        mails.response = None
        running.pass_time(timedelta(minutes=31), timedelta(seconds=30))
        assert [ANN, BOB, CAI] == received(mails)
        assert 3 == len(running.outbox(DeliveryState.SENT))

    @pytest.mark.nightly(each=True)
    def test_is_given_up_and_shown_after_a_day(self, running: Core, mails: MailServer):
        mails.refusals[BOB] = "451 4.7.1 greylisted, come again"
        a_breach(running)
        running.pass_time(timedelta(hours=25), timedelta(minutes=5))
        (parked,) = running.outbox(DeliveryState.PARKED)
        assert "451" in parked.last_error
        assert 40 < parked.attempts < 70

    def test_reports_in_one_mail_what_happened_in_between(self, running: Core, mails: MailServer):
        mails.refusals[BOB] = "451 4.7.1 greylisted, come again"
        server = a_breach(running)
        running.pass_time(DIGEST)
        running.report(server, cpu=10)
        mails.refusals.clear()
        running.pass_time(timedelta(minutes=2))
        (mail,) = mails.to(BOB)
        assert 2 == mail.text.count("/alerts/1")
        assert 2 == len(mails.to(ANN))


class TestNoServerAtAll:
    def test_loses_nothing(self, ready_sqlite_url: str):
        clock, port = FixedClock(), free_port()
        with core(ready_sqlite_url, clock, port) as refused:
            refused.quick_policies()
            refused.expect_no_reports()
            a_breach(refused)
            refused.pass_time(timedelta(minutes=1))
            assert all("refused" in n.last_error for n in refused.outbox(DeliveryState.PENDING))
        with mail_server() as mails, core(ready_sqlite_url, clock, mails.port) as again:
            again.pass_time(timedelta(minutes=5))
            assert [ANN, BOB, CAI] == received(mails)


class TestDroppedAfterTheData:
    def test_comes_again_as_the_same_mail(self, running: Core, mails: MailServer):
        mails.drops = 1
        a_breach(running)
        running.pass_time(DIGEST + timedelta(minutes=5))
        assert {ANN, BOB, CAI} == set(received(mails))
        assert 4 == len(mails.mails)
        twice = next(mails.to(name) for name in (ANN, BOB, CAI) if len(mails.to(name)) == 2)
        assert 1 == len({mail.id for mail in twice})
        assert 1 == len({mail.message["Subject"] for mail in twice})


class TestSoSlowAServer:
    def test_that_all_takes_longer_than_a_lease_gets_no_mail_twice(
        self, ready_sqlite_url: str, mails: MailServer, running: Core
    ):
        """While another process takes over what seems abandoned."""
        people = [running.person(f"person{number}") for number in range(40)]
        running.report(running.server(1, people), cpu=95)
        running.clock.advance(DIGEST)
        many = threading.Event()

        def slow() -> None:
            running.clock.advance(LEASE / 20)
            if len(mails.mails) > 24:
                many.set()

        mails.at_each_mail = slow
        sending = threading.Thread(target=running.send)
        sending.start()
        with core(ready_sqlite_url, running.clock, mails.port) as other:
            assert many.wait(DEADLINE)
            other.send()
            sending.join(DEADLINE)
        assert len(people) == len(mails.mails)
        assert len(people) == len({mail.recipient for mail in mails.mails})
