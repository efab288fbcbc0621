"""The schema is that of all its modules, whatever else a command has loaded."""

from importlib.resources import files

from monitor.adapters.persistence import tables

HELPERS = {"__init__", "definitions"}


def test_every_module_of_tables_is_part_of_the_schema() -> None:
    names = {path.name.removesuffix(".py") for path in files(tables).iterdir() if path.name.endswith(".py")}
    assert names - HELPERS == {*tables.__all__} - {"metadata"}
