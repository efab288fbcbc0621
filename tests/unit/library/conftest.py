from collections.abc import Iterator

import pytest

import monitor
from monitor.adapters.memory.fakes import InsecurePasswordHasher


@pytest.fixture
def clock() -> monitor.FixedClock:
    return monitor.FixedClock()


@pytest.fixture
def core(clock: monitor.FixedClock) -> Iterator[monitor.Core]:
    with monitor.in_memory(clock=clock, hasher=InsecurePasswordHasher()) as made:
        yield made
