"""How long a process may take to send what it has claimed."""

from datetime import timedelta

from monitor.adapters.memory.fakes import FixedClock, MemoryMailer
from monitor.adapters.notify.apprise import channel as apprise
from monitor.adapters.notify.mail import smtp
from monitor.adapters.outbound import connections
from monitor.application.notifications.delivery import Delivery, Transport
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


def three_messages(world: World, clock: FixedClock) -> list[Delivery]:
    """Return one message of this process, after two that dead processes had begun."""
    bob = world.person("bob", "bob@example.com")
    world.process.get(CreatePolicy)(ROOT, Policy(metric="cpu", critical=85, sustained_for=AT_ONCE, clear_for=AT_ONCE))
    for number in (1, 2, 3):
        world.report(world.server(f"web{number}", f"10.0.0.{number}", [bob]).id, 90)
        clock.advance(LEASE)
        deliveries = world.delivery.claim(Transport.MAIL)
        assert len(deliveries) == number
    return deliveries


def test_messages_that_do_not_fit_into_the_lease_are_left() -> None:
    """Messages of a dead process are sent again one by one; there may be many."""
    clock = FixedClock(START)
    world = World(clock=clock, mailer=SlowMailer(clock))
    world.delivery.deliver(three_messages(world, clock))
    assert len(world.mailer.sent) == 1
    world.deliver()  # claims the rest at once
    assert sorted(item.server_name for _, m in world.mailer.sent for item in m.items) == ["web1", "web2", "web3"]


def test_what_follows_a_message_that_another_process_sent_need_not_wait() -> None:
    clock = FixedClock(START)
    world = World(clock=clock)
    deliveries = three_messages(world, clock)
    with world.new_uow() as uow:
        uow.notifications.save([n.sent(clock.now()) for n in deliveries[0]])
        uow.commit()
    world.delivery.deliver(deliveries)
    assert world.mailer.sent == []
    assert [[n.id for n in each] for each in world.delivery.claim(Transport.MAIL)] == [
        [n.id for n in each] for each in deliveries[1:]
    ]
