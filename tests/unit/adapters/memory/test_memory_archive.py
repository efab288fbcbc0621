from collections.abc import Callable

import pytest

from tests.contracts.archives import ArchiveContract
from tests.fakes.archive import MemoryArchive


class TestMemoryArchive(ArchiveContract):
    @pytest.fixture
    def archive(self) -> MemoryArchive:
        return MemoryArchive()

    @pytest.fixture
    def settle(self) -> Callable[[], None]:
        return lambda: None
