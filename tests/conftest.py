"""How the whole suite draws its examples, looks for garbage, and leaves out what is too long for each run."""

import gc
import os

import pytest
from hypothesis import HealthCheck, settings

from scripts.check import PARTS

# No deadline: a busy machine now and then pauses a test for longer than any example should take.
settings.register_profile("default", deadline=None)
settings.register_profile(
    "fuzz", deadline=None, max_examples=5_000, print_blob=True, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "default"))


def pytest_addoption(parser: pytest.Parser) -> None:
    """`--nightly=3` runs the fourth part of the files marked `nightly`, `--nightly=none` nothing of it."""
    choices = ["all", "none", *map(str, range(PARTS))]
    parser.addoption("--nightly", choices=choices, default="all", help="which of the tests marked nightly to run")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Deselect the nightly tests that were not asked for."""
    chosen = config.getoption("nightly")
    if chosen == "all":
        return
    nightly = [item for item in items if item.get_closest_marker("nightly")]
    files = sorted({item.path for item in nightly})
    left_out = {file for part, file in enumerate(files) if str(part % PARTS) != chosen}
    deselected = [item for item in nightly if item.path in left_out]
    config.hook.pytest_deselected(items=deselected)
    dropped = {id(item) for item in deselected}
    items[:] = [item for item in items if id(item) not in dropped]


def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    """A directory of nightly tests alone may have none for a commit."""
    if exitstatus == pytest.ExitCode.NO_TESTS_COLLECTED and session.config.getoption("nightly") != "all":
        session.exitstatus = pytest.ExitCode.OK


def pytest_collection_finish() -> None:
    """Thousands of tests stay until the end: a tenth of the time went into looking for garbage among them."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000)
