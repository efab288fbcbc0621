"""Installations over SQLite whose clocks stand still and whose secrets are counted: each run does the same."""

import shutil
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from monitor.adapters.persistence.store import SqlStore
from tests.budget.counting import Profile
from tests.fakes.cipher import TransparentCipher
from tests.integration.conftest import migrated_sqlite
from tests.integration.http.world import World

__all__ = ["fresh_world", "migrated_sqlite", "profile", "world"]


@pytest.fixture(scope="module")
def profile() -> Iterator[Profile]:
    """It comes before the world, of whose threads it counts calls too."""
    with Profile().on() as profile:
        yield profile


def _world(migrated_sqlite: Path, directory: Path) -> World:
    url = f"sqlite:///{shutil.copy(migrated_sqlite, directory / 'monitor.db')}"
    return World(SqlStore(url, pool_size=8, cipher=TransparentCipher("a key")))


@pytest.fixture(scope="module")
def world(migrated_sqlite: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """For all tests of a module."""
    with closing(_world(migrated_sqlite, tmp_path_factory.mktemp("world"))) as world:
        yield world


@pytest.fixture
def fresh_world(migrated_sqlite: Path, tmp_path: Path) -> Iterator[World]:
    with closing(_world(migrated_sqlite, tmp_path)) as world:
        yield world
