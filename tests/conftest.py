"""How the whole suite draws its examples. `HYPOTHESIS_PROFILE=fuzz` searches for longer."""

import os

from hypothesis import HealthCheck, settings

# No deadline: a busy machine now and then pauses a test for longer than any example should take.
settings.register_profile("default", deadline=None)
settings.register_profile(
    "fuzz", deadline=None, max_examples=5_000, print_blob=True, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "default"))
