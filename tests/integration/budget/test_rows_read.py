"""Rows that MariaDB reads for a page of each list."""

from collections import Counter
from collections.abc import Iterator
from contextlib import closing

import pytest
from sqlalchemy import Engine, text

from monitor.adapters.persistence.store import SqlStore
from tests.budget import pages
from tests.budget.ledger import ROWS, Ledger
from tests.fakes.cipher import TransparentCipher
from tests.integration.conftest import empty
from tests.integration.http.world import World
from tests.integration.persistence.conftest import read_so_far


@pytest.fixture(scope="module")
def world(migrated_mariadb: Engine) -> Iterator[World]:
    url = migrated_mariadb.url.render_as_string(hide_password=False)
    with closing(World(SqlStore(url, pool_size=8, cipher=TransparentCipher("a key")))) as world:
        yield world
    empty(migrated_mariadb)


@pytest.fixture(scope="module")
def ids(world: World, migrated_mariadb: Engine) -> pages.Ids:
    filled = pages.fill(world)
    with migrated_mariadb.connect() as connection:  # else plans depend on when the server last looked
        for (table,) in connection.execute(text("SHOW TABLES")).all():
            connection.execute(text(f"ANALYZE TABLE `{table}`"))
    return filled


@pytest.mark.parametrize("path", pages.PATHS)
def test_rows_read_for_a_page(world: World, ids: pages.Ids, migrated_mariadb: Engine, path: str) -> None:
    pages.asked(world, path, ids, pages.longest(path))
    once, twice = read_so_far(migrated_mariadb), read_so_far(migrated_mariadb)
    pages.asked(world, path, ids, pages.longest(path))
    rows = read_so_far(migrated_mariadb) - twice - (twice - once)
    Ledger().check(ROWS, pages.work(path), Counter(rows=rows))


def test_no_other_page_has_a_budget_of_rows() -> None:
    Ledger().only(ROWS, map(pages.work, pages.PATHS))
