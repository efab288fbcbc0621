from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.integration.mariadb import MariaDb
from tests.integration.persistence.backup.scene import KINDS


def empty_database(request: pytest.FixtureRequest, file: Path) -> Iterator[str]:
    if request.param == "sqlite":
        yield f"sqlite:///{file}"
        return
    server: MariaDb = request.getfixturevalue("mariadb")
    name = server.create_database()
    yield server.url(name)
    server.drop_database(name)


ALWAYS_AND_NIGHTLY = [KINDS[0], *(pytest.param(kind, marks=pytest.mark.nightly) for kind in KINDS[1:])]
"""At every run one kind is enough: `monitor backup` goes from each to the other."""


@pytest.fixture(params=ALWAYS_AND_NIGHTLY)
def source(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """An empty database of each kind; so is *target*."""
    yield from empty_database(request, tmp_path / "source.db")


@pytest.fixture(params=ALWAYS_AND_NIGHTLY)
def target(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    yield from empty_database(request, tmp_path / "target.db")
