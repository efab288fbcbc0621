"""Threads that send, of which as many are free afterwards as before."""

from datetime import timedelta
from threading import Thread

import pytest

from monitor.application.notifications.delivery import Transport
from monitor.application.notifications.dispatcher import SENDERS, Dispatcher
from monitor.domain.alerts.policies import Policy
from monitor.domain.notifications.outbox import LEASE
from tests.unit.application.alerts.alert_world import ROOT, World

AT_ONCE = timedelta(0)


def test_a_target_that_cannot_be_handed_over_keeps_no_sender() -> None:
    """After as many failures as there are senders the next round would wait for ever."""
    world = World()
    bob = world.person("bob", "bob@example.com")
    world.process.create_policy()(ROOT, Policy(metric="cpu", critical=85, sustained_for=AT_ONCE, clear_for=AT_ONCE))
    world.report(world.server("web1", "10.0.0.1", [bob]).id, 90)
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
