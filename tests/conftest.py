"""How the whole suite draws its examples, looks for garbage, and leaves out what is too long for each run."""

import gc
import os

import pytest
from hypothesis import HealthCheck, settings

from scripts.check import PARTS
from tests.examples import ALL

# No deadline: a busy machine now and then pauses a test for longer than any example should take.
settings.register_profile("quick", deadline=None, max_examples=ALL // 4)
settings.register_profile("all", deadline=None, max_examples=ALL)
settings.register_profile(
    "fuzz", deadline=None, max_examples=5_000, print_blob=True, suppress_health_check=[HealthCheck.too_slow]
)


def pytest_addoption(parser: pytest.Parser) -> None:
    """`--nightly=3` runs the fourth part of what is marked `nightly`, `--nightly=none` nothing of it."""
    choices = ["all", "none", *map(str, range(PARTS))]
    parser.addoption("--nightly", choices=choices, default="all", help="which of the tests marked nightly to run")


def pytest_configure(config: pytest.Config) -> None:
    """Draw all examples where all tests run, and a quarter of them elsewhere."""
    usual = "all" if config.getoption("nightly") == "all" else "quick"
    settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", usual))


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Deselect the nightly tests that were not asked for."""
    chosen = config.getoption("nightly")
    if chosen == "all":
        return
    units = {item.nodeid: _unit(item) for item in items}
    part_of = {unit: part % PARTS for part, unit in enumerate(sorted({*units.values()} - {""}))}
    left_out = {unit for unit, part in part_of.items() if str(part) != chosen}
    config.hook.pytest_deselected(items=[item for item in items if units[item.nodeid] in left_out])
    items[:] = [item for item in items if units[item.nodeid] not in left_out]


def _unit(item: pytest.Item) -> str:
    """Return what runs together with *item*: its file, or it alone if it is marked so. Nothing if it always runs."""
    marker = item.get_closest_marker("nightly")
    if marker is None:
        return ""
    return item.nodeid if marker.kwargs.get("each") else str(item.path)


def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    """A directory of nightly tests alone may have none for a commit."""
    if exitstatus == pytest.ExitCode.NO_TESTS_COLLECTED and session.config.getoption("nightly") != "all":
        session.exitstatus = pytest.ExitCode.OK


def pytest_collection_finish() -> None:
    """Thousands of tests stay until the end: a tenth of the time went into looking for garbage among them."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000)
