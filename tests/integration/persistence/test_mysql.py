"""The oldest MySQL: upgrades, some of the contracts, and one line where a server is too old."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine

from monitor.adapters.persistence.engine import migrations
from monitor.adapters.persistence.engine.engine import create_engine
from scripts.system import HAS_MYSQL
from tests.contracts.alerts import AlertsContract
from tests.contracts.claims import ClaimsContract
from tests.contracts.history import HistoryContract
from tests.contracts.notifications import NotificationsContract
from tests.contracts.samples import SamplesContract
from tests.contracts.servers import ServersContract
from tests.contracts.unit_of_work import UnitOfWorkContract
from tests.contracts.users import UsersContract
from tests.integration.cli.running import run
from tests.integration.conftest import empty
from tests.integration.mysql import MySql, private_mysql

if HAS_MYSQL:

    @pytest.fixture(scope="module")
    def mysql() -> Iterator[MySql]:
        with private_mysql() as server:
            yield server

    @pytest.fixture(scope="module")
    def migrated(mysql: MySql) -> Iterator[Engine]:
        engine = create_engine(mysql.url(mysql.create_database()), pool_size=10)
        migrations.upgrade(engine)
        yield engine
        engine.dispose()

    @pytest.fixture
    def engine(migrated: Engine) -> Iterator[Engine]:
        yield migrated
        empty(migrated)

    def test_the_migrations_make_the_tables_of_the_code(migrated: Engine):
        migrations.check(migrated)

    @pytest.mark.nightly(each=True)
    def test_a_server_with_short_keys_gets_one_line(tmp_path: Path):
        """As 5.6 is by default."""
        with private_mysql(()) as server:
            settings = {"DATABASE_URL": server.url(server.create_database())}
            for arguments in (("upgrade",), ("upgrade", "--expand")):
                done = run(tmp_path, "db", *arguments, settings=settings)
                assert (1, 1, "") == (done.returncode, done.stderr.count("\n"), done.stdout)
                assert "MySQL 5.7 or later, or MariaDB, is needed; this is 5.6.24, without large index" in done.stderr
            done = run(tmp_path, "serve", "--migrate", settings=settings)
            assert (1, True) == (done.returncode, "MySQL 5.7 or later" in done.stderr)

    class TestMySql:
        class TestAlerts(AlertsContract):
            pass

        class TestClaims(ClaimsContract):
            pass

        class TestHistory(HistoryContract):
            pass

        class TestNotifications(NotificationsContract):
            pass

        class TestSamples(SamplesContract):
            pass

        class TestServers(ServersContract):
            pass

        class TestUnitOfWork(UnitOfWorkContract):
            pass

        class TestUsers(UsersContract):
            pass
