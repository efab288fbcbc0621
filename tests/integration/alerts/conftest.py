"""Databases with the schema in place and nothing in them, for cores inside the test's own process."""

import shutil
from pathlib import Path

import pytest

from monitor.adapters.persistence import migrations

pytest.register_assert_rewrite("tests.integration.alerts.evidence")


@pytest.fixture(scope="session")
def migrated_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("sqlite") / "migrated.db"
    migrations.upgrade(f"sqlite:///{path}")
    return path


@pytest.fixture
def ready_sqlite_url(migrated_sqlite: Path, tmp_path: Path) -> str:
    return f"sqlite:///{shutil.copy(migrated_sqlite, tmp_path / 'ready.db')}"


@pytest.fixture
def ready_mariadb_url(mariadb_url: str) -> str:
    migrations.upgrade(mariadb_url)
    return mariadb_url


@pytest.fixture(params=["sqlite", "mariadb"])
def ready_url(request: pytest.FixtureRequest) -> str:
    # By name, so that a run of the SQLite half alone starts no MariaDB.
    url: str = request.getfixturevalue(f"ready_{request.param}_url")
    return url
