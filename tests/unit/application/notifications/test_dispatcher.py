"""Threads that send, of which as many are free afterwards as before."""

from datetime import timedelta
from threading import Event, Thread
from unittest.mock import Mock

import pytest

from monitor.adapters.memory.fakes import MemoryMailer
from monitor.adapters.memory.store import MemoryStore
from monitor.application.fleet.fleet import Fleet
from monitor.application.notifications.delivery import Transport
from monitor.application.notifications.dispatcher import SENDERS, Dispatcher
from monitor.application.notifications.sender_ports import Message, SendResult
from monitor.application.policies.policies import CreatePolicy
from monitor.domain.errors import StorageUnavailable
from monitor.domain.notifications.outbox import LEASE
from monitor.domain.policies.policies import Policy
from tests.unit.application.alerts.alert_world import ROOT, World
from tests.unit.application.alerts.kills.mortal import Fate, MortalStore

AT_ONCE = timedelta(0)


class InterruptedMailer(MemoryMailer):
    """Mailer of a process whose database is away before the first mail is sent."""

    def __init__(self) -> None:
        super().__init__()
        self._is_first = True

    def send(self, address: str, message: Message) -> SendResult:
        is_first, self._is_first = self._is_first, False
        if is_first:
            raise StorageUnavailable("the database is away")
        return super().send(address, message)


def alerting(mailer: MemoryMailer, fate: Fate | None = None) -> World:
    store = MemoryStore()
    world = World(store=store, mailer=mailer, opened=MortalStore(store, fate or Fate()))
    bob = world.person("bob", "bob@example.com")
    world.process.get(CreatePolicy)(ROOT, Policy(metric="cpu", critical=85, sustained_for=AT_ONCE, clear_for=AT_ONCE))
    world.report(world.server("web1", "10.0.0.1", [bob]).id, 90)
    world.clock.advance(LEASE)  # more than a digest waits
    return world


def test_what_was_claimed_when_the_database_was_lost_is_sent_once_it_is_back() -> None:
    """Not after the end of the lease, two minutes later."""
    world, failed = alerting(InterruptedMailer()), Event()
    dispatcher = Dispatcher(world.delivery, lambda _: failed.set(), Transport.MAIL)
    assert dispatcher.round() == 1
    assert failed.wait(5)
    assert dispatcher.round() == 1
    dispatcher.close()
    assert len(world.mailer.sent) == 1


def test_a_claim_that_may_have_been_stored_is_given_back() -> None:
    """Its commit had no answer."""
    fate = Fate(error=StorageUnavailable)
    world = alerting(MemoryMailer(), fate)
    dispatcher = Dispatcher(world.delivery, list[Exception]().append, Transport.MAIL)
    fate.calls, fate.strikes_at, fate.before = 0, 4, False
    with pytest.raises(StorageUnavailable):
        dispatcher.round()
    assert fate.struck == ["after commit"]
    assert dispatcher.round() == 1
    dispatcher.close()
    assert len(world.mailer.sent) == 1


def test_what_was_claimed_is_sent_too_where_the_fleet_could_not_be_read(monkeypatch: pytest.MonkeyPatch) -> None:
    """As after each fail-over, when everything is read anew."""
    world, failed = alerting(MemoryMailer()), Event()
    away = Mock(side_effect=[StorageUnavailable("the database is away"), None])
    monkeypatch.setattr(Fleet, "refresh", lambda _: away())
    dispatcher = Dispatcher(world.delivery, lambda _: failed.set(), Transport.MAIL)
    assert dispatcher.round() == 1
    assert failed.wait(5)
    assert dispatcher.round() == 1
    dispatcher.close()
    assert len(world.mailer.sent) == 1


def test_a_target_that_cannot_be_handed_over_keeps_no_sender() -> None:
    """After as many failures as there are senders the next round would wait for ever."""
    world = alerting(MemoryMailer())
    dispatcher = Dispatcher(world.delivery, list[Exception]().append, Transport.MAIL)
    dispatcher.close()
    for _ in range(SENDERS):
        world.clock.advance(LEASE)
        with pytest.raises(RuntimeError, match="after shutdown"):
            dispatcher.round()
    last = Thread(target=dispatcher.round, daemon=True)
    last.start()
    last.join(5)
    assert not last.is_alive()
