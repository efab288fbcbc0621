"""Installations over SQLite whose clocks stand still and whose secrets are counted: each run does the same."""

import shutil
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from monitor.adapters.persistence.engine import migrations
from monitor.adapters.persistence.store import SqlStore
from tests.budget.counting import Profile
from tests.fakes.cipher import TransparentCipher
from tests.integration import scratch
from tests.integration.http.world import World

scratch.use_memory()


@pytest.fixture(scope="module")
def profile() -> Iterator[Profile]:
    """It comes before the world, of whose threads it counts calls too."""
    with Profile().on() as profile:
        yield profile


@pytest.fixture(scope="session")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """To copy."""
    path = tmp_path_factory.mktemp("budget") / "migrated.db"
    migrations.upgrade(f"sqlite:///{path}")
    return path


def _world(migrated: Path, directory: Path) -> World:
    url = f"sqlite:///{shutil.copy(migrated, directory / 'monitor.db')}"
    return World(SqlStore(url, pool_size=8, cipher=TransparentCipher("a key")))


@pytest.fixture(scope="module")
def world(migrated: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """For all tests of a module."""
    with closing(_world(migrated, tmp_path_factory.mktemp("world"))) as world:
        yield world


@pytest.fixture
def fresh_world(migrated: Path, tmp_path: Path) -> Iterator[World]:
    with closing(_world(migrated, tmp_path)) as world:
        yield world
