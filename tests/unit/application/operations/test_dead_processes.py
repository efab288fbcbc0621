"""Leases of a dead process are free soon; those of a living one are not."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from monitor.adapters.memory.fakes import MemoryMailer
from monitor.application.alerts.maintenance import LEASE_NAME, AlertMaintenance
from monitor.application.notifications.delivery import Transport
from monitor.application.notifications.sender_ports import Message, SendResult
from monitor.application.operations.ports import UnitOfWork
from monitor.application.operations.processes import PATIENCE, WatchProcesses
from monitor.application.policies.policies import CreatePolicy
from monitor.domain.accounts.users import User
from monitor.domain.fleet.servers import ServerId
from monitor.domain.notifications.outbox import DeliveryState
from monitor.domain.policies.policies import Policy
from monitor.worker import HEARTBEAT
from tests.unit.application.alerts.alert_world import ROOT, World

AT_ONCE = timedelta(0)
BOB = "bob@example.com"


class Killed(BaseException):
    """Ends a process like a kill, past every `except Exception`."""


def _nothing() -> None:
    pass


class Trap(MemoryMailer):
    """Mailer that calls *before* and *after* once, around its next mail."""

    def __init__(self) -> None:
        super().__init__()
        self.before: Callable[[], None] = _nothing
        self.after: Callable[[], None] = _nothing

    def send(self, address: str, message: Message) -> SendResult:
        self.before, before = _nothing, self.before
        self.after, after = _nothing, self.after
        before()
        sending = super().send(address, message)
        after()
        return sending


def die() -> None:
    raise Killed


class Scene:
    """One process begins to send to Bob, and another starts. They share *mailer*."""

    def __init__(self) -> None:
        self.mailer = Trap()
        self.world = World(mailer=self.mailer)
        self.bob: User = self.world.person("bob", BOB)
        policy = Policy(metric="cpu", critical=85, sustained_for=AT_ONCE, clear_for=AT_ONCE)
        self.world.process.get(CreatePolicy)(ROOT, policy)

    def breach(self, number: int) -> ServerId:
        """Fire an alert; Bob is notified a little later."""
        server = self.world.server(f"web{number}", f"10.0.0.{number}", [self.bob])
        self.world.report(server.id, 90)
        return server.id

    def kill_at_mail(self, when: str) -> None:
        setattr(self.mailer, when, die)
        self.world.process.get(WatchProcesses)()
        self.world.clock.advance(timedelta(minutes=1))
        with pytest.raises(Killed):
            self.world.deliver()

    def poll(self, watch: WatchProcesses, times: int) -> None:
        """Poll at the pace of a real process, and send what is due."""
        for _ in range(times):
            self.world.clock.advance(timedelta(seconds=HEARTBEAT))
            watch()
            self.world.deliver()

    def notified(self) -> list[str]:
        return [item.server_name for _, message in self.mailer.sent for item in message.items]


@pytest.mark.parametrize(("when", "copies"), [("before", 1), ("after", 2)])
def test_the_next_process_sends_notifications_of_a_dead_one_within_seconds(when: str, copies: int):
    """Twice only if the mail server had it already, and then as the same mail."""
    scene = Scene()
    scene.breach(1)
    scene.kill_at_mail(when)
    scene.world.restart()
    scene.breach(2)
    scene.poll(scene.world.process.get(WatchProcesses), PATIENCE + 1)
    assert (PATIENCE + 1) * HEARTBEAT <= 15
    assert scene.notified().count("web1") == copies
    assert len({m.message_id for _, m in scene.mailer.sent if m.items[0].server_name == "web1"}) == 1
    assert {n.delivery for n in scene.world.outbox() if n.server_name == "web1"} == {DeliveryState.SENT}


def test_a_living_process_keeps_its_claim_however_slow_it_is():
    scene = Scene()
    scene.breach(1)
    living = scene.world.process.get(WatchProcesses)
    scene.world.clock.advance(timedelta(minutes=1))
    claimed = scene.world.delivery.claim(Transport.MAIL)
    slow = scene.world.delivery
    scene.world.restart()
    other = scene.world.process.get(WatchProcesses)
    for _ in range(3 * PATIENCE):
        living()
        scene.poll(other, 1)
    assert scene.notified() == []
    slow.deliver(claimed)
    assert scene.notified() == ["web1"]


def test_a_process_paused_before_a_mail_does_not_send_it_too():
    """It notices before it hands the message over."""
    scene = Scene()
    scene.breach(1)
    scene.world.clock.advance(timedelta(minutes=1))
    claimed = scene.world.delivery.claim(Transport.MAIL)
    paused = scene.world.delivery

    def stand_still() -> None:
        scene.world.restart()
        scene.poll(scene.world.process.get(WatchProcesses), PATIENCE + 1)

    scene.mailer.before = stand_still
    paused.deliver(claimed)
    assert scene.notified() == ["web1"]
    assert [n.delivery for n in scene.world.outbox()] == [DeliveryState.SENT]


def test_a_process_that_resumes_just_before_it_is_found_dead_continues():
    scene = Scene()
    scene.breach(1)
    scene.world.clock.advance(timedelta(minutes=1))
    claimed = scene.world.delivery.claim(Transport.MAIL)
    paused = scene.world.delivery

    def stand_still() -> None:
        scene.world.restart()
        scene.poll(scene.world.process.get(WatchProcesses), PATIENCE)

    scene.mailer.before = stand_still
    paused.deliver(claimed)
    scene.poll(scene.world.process.get(WatchProcesses), PATIENCE - 1)
    assert scene.notified() == ["web1"]


def test_the_leases_of_a_dead_process_are_free():
    scene = Scene()
    scene.world.process.get(WatchProcesses)()
    scene.world.process.get(AlertMaintenance)()
    scene.world.restart()
    watch = scene.world.process.get(WatchProcesses)
    for _ in range(PATIENCE):
        watch()
    assert not _may_do_maintenance(scene.world)
    watch()
    assert _may_do_maintenance(scene.world)


def test_a_process_that_resumes_just_before_its_leases_are_freed_keeps_them():
    world, opened = World(), 0
    living = WatchProcesses(world.new_uow, "living")
    living()
    with world.new_uow() as uow:
        uow.leases.acquire(LEASE_NAME, "living", world.now, timedelta(minutes=1))
        uow.commit()

    def new_uow() -> UnitOfWork:
        nonlocal opened
        opened += 1
        if opened == PATIENCE + 2:  # after its last look
            living()
        return world.new_uow()

    watch = WatchProcesses(new_uow, "other")
    for _ in range(PATIENCE + 1):
        watch()
    assert opened == PATIENCE + 2
    assert not _may_do_maintenance(world)


def test_a_process_that_stops_in_order_holds_nothing():
    scene = Scene()
    scene.world.process.get(WatchProcesses)()
    scene.world.process.get(AlertMaintenance)()
    scene.world.process.get(WatchProcesses).leave()
    scene.world.restart()
    assert _may_do_maintenance(scene.world)


def _may_do_maintenance(world: World) -> bool:
    with world.new_uow() as uow:
        return uow.leases.acquire(LEASE_NAME, "another", world.now, timedelta(seconds=1)) is not None
