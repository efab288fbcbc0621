"""How long a process may take to send what it has claimed."""

from datetime import timedelta

from monitor.adapters.memory.fakes import FixedClock, MemoryMailer
from monitor.adapters.notify.apprise import channel as apprise
from monitor.adapters.notify.mail import smtp
from monitor.adapters.outbound import connections
from monitor.application.notifications.delivery import Transport
from monitor.application.notifications.sender_ports import Message, SendResult
from monitor.application.policies.policies import CreatePolicy
from monitor.domain.notifications.outbox import LEASE
from monitor.domain.policies.policies import Policy
from tests.unit.application.alerts.alert_world import ROOT, START, World

AT_ONCE = timedelta(0)
A_MOMENT = timedelta(seconds=1)


class SlowMailer(MemoryMailer):
    """Mailer that takes half a lease for each mail."""

    def __init__(self, clock: FixedClock) -> None:
        super().__init__()
        self._clock = clock

    def send(self, address: str, message: Message) -> SendResult:
        self._clock.advance(LEASE / 2)
        return super().send(address, message)


def test_one_message_takes_at_most_half_of_the_lease() -> None:
    """Through any transport, however slowly the other side answers."""
    slowest = max(smtp.TOTAL, connections.TOTAL, apprise.TOTAL)
    assert timedelta(seconds=slowest) <= LEASE / 4


def test_messages_that_do_not_fit_into_the_lease_are_left() -> None:
    """Messages of a dead process are sent again one by one; there may be many."""
    clock = FixedClock(START)
    world = World(clock=clock, mailer=SlowMailer(clock))
    bob = world.person("bob", "bob@example.com")
    world.process.get(CreatePolicy)(ROOT, Policy(metric="cpu", critical=85, sustained_for=AT_ONCE, clear_for=AT_ONCE))
    for number in (1, 2, 3):
        world.report(world.server(f"web{number}", f"10.0.0.{number}", [bob]).id, 90)
        clock.advance(LEASE)
        deliveries = world.delivery.claim(Transport.MAIL)
        assert len(deliveries) == number
    world.delivery.deliver(deliveries)
    assert len(world.mailer.sent) == 1
    assert world.delivery.claim(Transport.MAIL) == []
    for sent in (2, 3):
        clock.advance(LEASE / 2 + A_MOMENT)
        world.deliver()
        assert len(world.mailer.sent) == sent
    assert sorted(item.server_name for _, m in world.mailer.sent for item in m.items) == ["web1", "web2", "web3"]
