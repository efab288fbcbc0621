from collections.abc import Callable

import pytest

from monitor.adapters.memory.stand_ins import MemoryArchive
from tests.contracts.archives import ArchiveContract


class TestMemoryArchive(ArchiveContract):
    @pytest.fixture
    def archive(self) -> MemoryArchive:
        return MemoryArchive()

    @pytest.fixture
    def settle(self) -> Callable[[], None]:
        return lambda: None
