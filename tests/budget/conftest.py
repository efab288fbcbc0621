"""Installations over SQLite whose clocks stand still and whose secrets are counted: each run does the same."""

import shutil
from collections.abc import Iterator
from contextlib import AbstractContextManager, closing
from pathlib import Path

import pytest

from monitor.adapters.persistence.store import SqlStore
from tests.budget.counting import Profile
from tests.fakes.cipher import TransparentCipher
from tests.integration.conftest import migrated_sqlite
from tests.integration.http.world import World

__all__ = ["migrated_sqlite", "other_world", "profile", "world"]


@pytest.fixture(scope="module")
def profile() -> Iterator[Profile]:
    """It comes before the world, of whose threads it counts calls too."""
    with Profile().on() as profile:
        yield profile


@pytest.fixture(scope="module")
def world(migrated_sqlite: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """For all tests of a module."""
    with _over_copy(migrated_sqlite, tmp_path_factory) as world:
        yield world


@pytest.fixture(scope="module")
def other_world(migrated_sqlite: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with _over_copy(migrated_sqlite, tmp_path_factory) as world:
        yield world


def _over_copy(migrated_sqlite: Path, tmp_path_factory: pytest.TempPathFactory) -> AbstractContextManager[World]:
    url = f"sqlite:///{shutil.copy(migrated_sqlite, tmp_path_factory.mktemp('world') / 'monitor.db')}"
    store = SqlStore(url, pool_size=8, cipher=TransparentCipher("a key"))
    store.log_slow_statements(60.0)
    return closing(World(store))
