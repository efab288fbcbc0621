"""An interrupted migration can be run again. MySQL keeps the changes of tables that it made until then."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count
from typing import Any

import pytest
from sqlalchemy import Engine, event

from monitor.adapters.persistence.engine import migrations
from monitor.adapters.persistence.engine.migration_lease import TABLE

CHANGES = ("CREATE", "DROP", "ALTER", "INSERT", "UPDATE", "DELETE")


class Interrupted(Exception):
    pass


@contextmanager
def interruption(before: int) -> Iterator[None]:
    """Interrupt before the given one of the statements that change something."""
    numbers = count(1)

    def interrupt(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if TABLE in statement:
            return
        if statement.lstrip().startswith(CHANGES) and next(numbers) == before:
            raise Interrupted

    event.listen(Engine, "before_cursor_execute", interrupt)
    try:
        yield
    finally:
        event.remove(Engine, "before_cursor_execute", interrupt)


def is_interrupted(before: int, migrate: Callable[[str, str], None], url: str, revision: str) -> bool:
    try:
        with interruption(before):
            migrate(url, revision)
    except Interrupted:
        return True
    return False


STEPS = [*range(13, 25), *range(26, 31)]
"""Not 25: it has so many statements that MariaDB, which keeps room for dropped columns, has none left for sessions."""


@pytest.mark.parametrize("step", STEPS)
def test_it_can_be_run_again_wherever_it_was_interrupted(mariadb_url: str, step: int):
    """Up and down."""
    here, there = f"{step - 1:04d}", f"{step:04d}"
    migrations.upgrade(mariadb_url, here)
    for statement in count(1):
        was_up = is_interrupted(statement, migrations.upgrade, mariadb_url, there)
        migrations.upgrade(mariadb_url)
        migrations.check(mariadb_url)
        migrations.downgrade(mariadb_url, there)
        was_down = is_interrupted(statement, migrations.downgrade, mariadb_url, here)
        migrations.downgrade(mariadb_url, here)
        if not was_up and not was_down:
            break
    assert statement > 2
