from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from litestar.routes import HTTPRoute

from monitor import asgi
from monitor.adapters.http.live.hub import LiveHub
from monitor.adapters.http.routes import DEPENDENCIES
from monitor.adapters.memory.fakes import FixedClock, InsecurePasswordHasher
from monitor.adapters.memory.store import MemoryStore
from monitor.application.accounts.recording import Refusals
from monitor.application.accounts.users import EnsureFirstAdmin
from monitor.application.alerts.evaluating.state_cache import StateCache
from monitor.application.alerts.offline import DetectOffline
from monitor.application.fleet.servers import CreateServer
from monitor.application.hindsight.backtest import RunBacktest
from monitor.application.intake.queue import IntakeQueue
from monitor.application.ports import Clock
from monitor.assembly import in_memory, over
from monitor.container import Container
from monitor.demo.history import WriteSimulatedHistory
from monitor.domain.accounts.actors import Actor
from monitor.settings import Settings
from monitor.worker import jobs

SETTINGS = Settings(database_url="", data_dir=Path())
SHARED = (StateCache, IntakeQueue, LiveHub, Refusals)


@pytest.fixture
def container() -> Container:
    return in_memory(SETTINGS, clock=FixedClock(), hasher=InsecurePasswordHasher())


def test_all_that_handlers_ask_for_is_made(container: Container):
    """Type checks don't know what the framework calls."""
    routes = [route for route in asgi.build(container).litestar.routes if isinstance(route, HTTPRoute)]
    asked = [each.resolve_dependencies() for route in routes for each in route.route_handlers]
    makers = {name: provide for each in asked for name, provide in each.items() if name not in DEPENDENCIES}
    assert len({type(provide.dependency()) for provide in makers.values()}) > 90


@pytest.mark.parametrize("kind", SHARED)
def test_what_keeps_a_state_is_made_once(container: Container, kind: type):
    assert container.get(kind) is container.get(kind)


class NeedsMore:
    def __init__(self, clock: Clock, unheard_of: str) -> None: ...


def test_an_unknown_part_is_named(container: Container):
    with pytest.raises(LookupError, match="unheard_of"):
        container.get(NeedsMore)


def test_units_of_work_are_new_each_time(container: Container):
    assert container.uow() is not container.uow()


def test_the_application_and_the_jobs_build(container: Container):
    assert asgi.build(container).litestar.routes
    assert all(callable(job) for _, _, job in jobs(container))


@pytest.mark.parametrize("part", ["store", "clock", "secrets", "hasher"])
def test_a_part_of_the_wrong_kind_is_refused(part: str):
    parts: dict[str, Any] = {"store": MemoryStore(), part: object()}
    with pytest.raises(Exception, match="not an instance"):
        over(parts.pop("store"), SETTINGS, "x" * 40, **parts).shared.providers[part]()


def test_a_committed_change_makes_the_fleet_stale(container: Container):
    container.get(EnsureFirstAdmin)("correct horse battery")
    container.fleet.refresh()
    with container.uow() as uow:
        admin = uow.users.by_username("admin")
    assert admin is not None
    actor = Actor(user_id=admin.id, username=admin.username, role=admin.role)
    server = container.get(CreateServer)(actor, name="web-1", ip_address="192.0.2.10")
    assert container.fleet.is_stale
    container.fleet.refresh()
    assert {server.id} == set(container.fleet.directory.servers)


def test_live_detection_backtests_and_simulations_have_the_configured_offline_after():
    chosen = timedelta(seconds=200)
    container = in_memory(replace(SETTINGS, offline_after=chosen))
    parts = (
        container.get(DetectOffline),
        container.get(RunBacktest),
        container.get(WriteSimulatedHistory).past_alerts,
    )
    assert [part.offline_after for part in parts] == [chosen] * 3
