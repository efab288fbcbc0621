"""What depends on something that is back has time to recover."""

from datetime import timedelta

import pytest

from monitor.domain.incidents.dependencies import patience


@pytest.mark.parametrize(
    ("interval", "seconds"), [(None, 60), (0.0, 60), (15.0, 60), (60.1, 60.1), (3600.0, 3600), (86_400.0, 3600)]
)
def test_it_is_an_interval_of_its_own_at_least_a_minute_and_at_most_an_hour(
    interval: float | None, seconds: float
) -> None:
    assert timedelta(seconds=seconds) == patience(interval)
