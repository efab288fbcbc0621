"""A migration beside processes that serve, and after one that was killed."""

import subprocess
import sys
from typing import Any

import pytest
from sqlalchemy import Engine, event, text

from monitor.adapters.persistence.engine import migrations
from monitor.adapters.persistence.engine.engine import create_migration_engine
from monitor.adapters.persistence.engine.migration_lease import TABLE
from monitor.domain.errors import StorageUnavailable, TransactionConflict

pytestmark = pytest.mark.nightly

KILLED = """
import os, sys
from sqlalchemy import Engine, event
from monitor.adapters.persistence.engine import migrations

@event.listens_for(Engine, "after_cursor_execute")
def die(connection, cursor, statement, *_):
    if statement.lstrip().startswith("CREATE TABLE silences"):
        os._exit(9)

migrations.upgrade(sys.argv[1])
"""


class Deadlocks:
    """Meets one before each statement that changes a table, as long as there are any left."""

    def __init__(self, left: int) -> None:
        self.left = left
        self.met: set[str] = set()

    def __call__(self, _connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if statement.lstrip().startswith(("CREATE", "ALTER")) and TABLE not in statement and statement not in self.met:
            self.met.add(statement)
            if len(self.met) <= self.left:
                raise TransactionConflict("Deadlock found when trying to get lock")


@pytest.fixture
def deadlocks(request: pytest.FixtureRequest) -> Any:
    found = Deadlocks(request.param)
    event.listen(Engine, "before_cursor_execute", found)
    yield found
    event.remove(Engine, "before_cursor_execute", found)


@pytest.mark.parametrize("deadlocks", [8], indirect=True)
def test_a_step_that_meets_a_deadlock_is_done_again(mariadb_url: str, deadlocks: Deadlocks):
    migrations.upgrade(mariadb_url)
    migrations.check(mariadb_url)
    assert len(deadlocks.met) > 100


@pytest.mark.parametrize("deadlocks", [1000], indirect=True)
def test_it_gives_up_in_the_end(mariadb_url: str, deadlocks: Deadlocks):
    with pytest.raises(StorageUnavailable, match="Deadlock"):
        migrations.upgrade(mariadb_url)


def test_a_row_that_is_locked_for_long_is_waited_for(mariadb_url: str):
    """After five seconds the server ends the wait: the step that met it begins anew."""
    migrations.upgrade(mariadb_url, "0015")
    engine = create_migration_engine(mariadb_url)
    holder = engine.connect()
    with engine.begin() as connection:
        connection.execute(text("INSERT INTO users (id, username, password, username_key) VALUES (1, 'a', '', 'a')"))
        connection.execute(
            text(
                "INSERT INTO sessions (id, user_id, token_digest, created_at, last_used_at, expires_at, user_agent, "
                "address) VALUES ('a', 1, '', NOW(), NOW(), NOW(), '', '')"
            )
        )
    holder.execute(text("SELECT * FROM sessions FOR UPDATE"))

    def let_go(context: Any) -> None:
        holder.close()

    event.listen(Engine, "handle_error", let_go)
    try:
        migrations.upgrade(mariadb_url, "0016")
    finally:
        event.remove(Engine, "handle_error", let_go)
    assert holder.closed
    assert "0016" == migrations.present_revision(mariadb_url)


def test_an_upgrade_goes_on_after_a_process_that_was_killed(database_url: str):
    killed = subprocess.run([sys.executable, "-c", KILLED, database_url], check=False)
    assert 9 == killed.returncode
    migrations.upgrade(database_url)
    migrations.check(database_url)
