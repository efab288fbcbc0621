"""SQL statements of a page of each list: as many as in the table, and as many for 100 rows as for 10."""

from collections import Counter

import pytest

from tests.budget import pages
from tests.budget.counting import statements
from tests.budget.ledger import STATEMENTS, Ledger
from tests.integration.http.alerts.alarms import data
from tests.integration.http.world import World


@pytest.fixture(scope="module")
def ids(world: World) -> pages.Ids:
    return pages.fill(world)


def statements_of(world: World, path: str, ids: pages.Ids, limit: int) -> Counter[str]:
    with statements() as found:
        pages.asked(world, path, ids, limit)
    return found


@pytest.mark.parametrize("path", pages.PATHS)
def test_a_long_page_takes_as_many_statements_as_a_short_one(world: World, ids: pages.Ids, path: str) -> None:
    pages.asked(world, path, ids, pages.FEW)  # what is kept from the first request on
    few, many = (statements_of(world, path, ids, limit) for limit in (pages.FEW, pages.longest(path)))
    assert few == many
    Ledger().check(STATEMENTS, pages.work(path), many)


def test_a_page_of_incidents_ends_before_it_has_too_many_alerts(other_world: World) -> None:
    world = other_world
    pages.fill_with_outages(world)
    world.send("GET", "/api/incidents", world.admin, params={"limit": 1})  # what is kept from the first request on
    with statements() as found:
        answer = world.send("GET", "/api/incidents", world.admin)
    cursor = answer.headers["X-Next-Cursor"]
    assert [1, 12_000] == [each["alert_count"] for each in data(answer)]
    [last] = data(world.send("GET", "/api/incidents", world.admin, params={"cursor": cursor}))
    assert 9000 == last["alert_count"]
    Ledger().check(STATEMENTS, pages.CUT, found)


def test_each_list_with_pages_is_counted(world: World) -> None:
    operations = world.send("GET", "/schema/openapi.json").json()["paths"]
    limited = {
        path
        for path, methods in operations.items()
        for parameter in methods.get("get", {}).get("parameters", ())
        if parameter["name"] == "limit"
    }
    assert limited == {*pages.PATHS}
