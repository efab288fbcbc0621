from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.integration.cli.running import Process, server
from tests.integration.prometheus.senders import Program, node_exporter, running


@pytest.fixture
def exporter(tmp_path: Path) -> Iterator[Program]:
    program = node_exporter(tmp_path / "exporter")
    with running(program):
        yield program


@pytest.fixture
def monitor(tmp_path: Path) -> Iterator[Process]:
    (tmp_path / "monitor").mkdir()
    with server(tmp_path / "monitor") as process:
        yield process
