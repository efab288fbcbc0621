"""Every route of the served OpenAPI document, for every kind of caller."""

from contextlib import closing

import pytest

from tests.integration.http.access_scene import Scene
from tests.integration.http.access_table import CALLERS, ROWS, UNDOCUMENTED, Row
from tests.integration.http.world import World

METHODS = ("get", "post", "put", "delete", "patch", "head", "options", "trace")


def _operations(world: World) -> set[str]:
    paths = world.send("GET", "/schema/openapi.json").json()["paths"]
    return {f"{method.upper()} {path}" for path, item in paths.items() for method in METHODS if method in item}


def test_the_table_knows_every_route(world: World) -> None:
    """A new route fails here until the table says who may use it; a line without a route fails too."""
    assert {row.operation for row in ROWS} == _operations(world)


def test_every_served_route_is_in_the_document_or_in_the_table(world: World) -> None:
    documented = {operation.split()[1] for operation in _operations(world)}
    served = {_template(route.path_format) for route in world.application.litestar.routes}
    assert served - documented == {_template(path) for path in UNDOCUMENTED}


def _template(path: str) -> str:
    return path.replace(":str}", "}").replace(":int}", "}")


@pytest.mark.parametrize(("path", "status"), UNDOCUMENTED.items())
def test_paths_outside_of_the_api_have_their_status(calm_world: World, path: str, status: int) -> None:
    assert status == calm_world.send("GET", path).status_code


def _is_calm(row: Row, caller: str) -> bool:
    return row.operation.startswith("GET") or row.statuses[caller] >= 400


def test_every_route_that_changes_nothing_answers_as_the_table_says(world: World) -> None:
    scene = Scene(world)
    wrong = [
        (row.operation, row.variant, name, answer.status_code, answer.text[:200])
        for row in ROWS
        for name in CALLERS
        if _is_calm(row, name) and (answer := scene.send(row, scene.caller(name))).status_code != row.statuses[name]
    ]
    assert wrong == []


@pytest.mark.nightly(each=True)
@pytest.mark.parametrize("name", CALLERS)
def test_every_change_answers_as_the_table_says(name: str) -> None:
    """Each has a world of its own, so that none depends on another. One caller's are in the test of the audit log."""
    for row in ROWS:
        if _is_calm(row, name):
            continue
        with closing(World()) as own:
            scene = Scene(own)
            answer = scene.send(row, scene.caller(name))
        assert (row.variant, row.statuses[name]) == (row.variant, answer.status_code), answer.text[:200]
