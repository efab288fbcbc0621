from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from monitor import asgi
from monitor.adapters.memory.stand_ins import FixedClock, InsecurePasswordHasher
from monitor.adapters.memory.store import MemoryStore
from monitor.api import HANDLED, handled
from monitor.assembly import in_memory, over
from monitor.container import Container
from monitor.demo.history import WriteSimulatedHistory
from monitor.domain.accounts.actors import Actor
from monitor.settings import Settings
from monitor.worker import jobs

SETTINGS = Settings(database_url="", data_dir=Path())
PROVIDERS = sorted(Container.providers)
SHARED = ("clock", "fleet", "hasher", "intake_queue", "queries", "secrets", "started_at", "store", "tokens")


@pytest.fixture
def container() -> Container:
    return in_memory(SETTINGS, clock=FixedClock(), hasher=InsecurePasswordHasher())


@pytest.mark.parametrize("name", PROVIDERS)
def test_every_provider_builds(container: Container, name: str):
    """Type checks don't find a misspelled argument."""
    assert getattr(container, name)() is not None


@pytest.mark.parametrize("name", SHARED)
def test_some_parts_are_shared(container: Container, name: str):
    assert getattr(container, name)() is getattr(container, name)()


def test_units_of_work_are_new_each_time(container: Container):
    assert container.uow() is not container.uow()


@pytest.mark.parametrize("name", HANDLED)
def test_use_cases_of_handlers_build(container: Container, name: str):
    assert handled(container)[name]() is not None


def test_the_application_and_the_jobs_build(container: Container):
    assert asgi.build(container).litestar.routes
    assert all(callable(job) for _, _, job in jobs(container))


@pytest.mark.parametrize("part", ["store", "clock", "secrets", "hasher"])
def test_a_part_of_the_wrong_kind_is_refused(part: str):
    parts: dict[str, Any] = {"store": MemoryStore(), part: object()}
    with pytest.raises(Exception, match="not an instance"):
        getattr(over(parts.pop("store"), SETTINGS, "x" * 40, **parts), part)()


def test_a_committed_change_makes_the_fleet_stale(container: Container):
    container.ensure_first_admin()("correct horse battery")
    container.fleet().refresh()
    with container.uow() as uow:
        admin = uow.users.by_username("admin")
    assert admin is not None
    actor = Actor(user_id=admin.id, username=admin.username, role=admin.role)
    server = container.create_server()(actor, name="web-1", ip_address="192.0.2.10")
    assert container.fleet().is_stale
    container.fleet().refresh()
    assert {server.id} == set(container.fleet().directory.servers)


def test_live_detection_backtests_and_simulations_have_the_configured_offline_after():
    chosen = timedelta(seconds=200)
    container = in_memory(replace(SETTINGS, offline_after=chosen))
    parts = container.detect_offline(), container.run_backtest(), WriteSimulatedHistory.of(container).past_alerts
    assert [part.offline_after for part in parts] == [chosen] * 3
