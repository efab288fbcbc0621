"""How the whole suite draws its examples, and looks for garbage. `HYPOTHESIS_PROFILE=fuzz` searches for longer."""

import gc
import os

from hypothesis import HealthCheck, settings

# No deadline: a busy machine now and then pauses a test for longer than any example should take.
settings.register_profile("default", deadline=None)
settings.register_profile(
    "fuzz", deadline=None, max_examples=5_000, print_blob=True, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "default"))


def pytest_collection_finish() -> None:
    """Thousands of tests stay until the end: a tenth of the time went into looking for garbage among them."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000)
