"""A VictoriaMetrics that answers a byte at a time, or without end, holds nobody for ever."""

import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace

import pytest

from monitor.adapters.victoria.address import parsed_address
from monitor.adapters.victoria.archive import VictoriaArchive
from monitor.adapters.victoria.client import VICTORIA, Client
from monitor.application.history.blocks import Block
from monitor.domain.errors import HistoryUnavailable
from monitor.domain.fleet.servers import ServerId
from tests.contracts.archives import A_HOUR, a_frame
from tests.integration.agent.dripping import BEHIND_ITS_HEAD, Dripping, dripping

TOTAL = 0.5
LARGEST = 500
BLOCK = Block(ServerId(1), 0, A_HOUR, 1)
HEAD = b"HTTP/1.1 200 OK\r\n" + b"".join(b"X-%d: a header that comes slowly\r\n" % n for n in range(1000))


def archive_at(server: Dripping) -> VictoriaArchive:
    outbound = replace(VICTORIA, total=TOTAL)
    return VictoriaArchive(Client(parsed_address(server.url), pause=0, outbound=outbound, largest=LARGEST))


@pytest.mark.parametrize("answer", [HEAD, BEHIND_ITS_HEAD], ids=["headers", "body"])
@pytest.mark.parametrize(
    "ask",
    [
        lambda archive: archive.read([BLOCK]),
        lambda archive: archive.store({BLOCK: a_frame()}),
        lambda archive: archive.forget([ServerId(1)]),
        lambda archive: archive.keeps(),
    ],
    ids=["reading", "writing", "deleting", "page"],
)
def test_it_holds_nobody_for_longer(answer: bytes, ask: Callable[[VictoriaArchive], object]) -> None:
    with dripping(answer, pause=0.01) as server, closing(archive_at(server)) as archive:
        began = time.monotonic()
        with pytest.raises(HistoryUnavailable, match="timed out"):
            ask(archive)
        assert time.monotonic() - began < TOTAL + 3
        assert not archive.answers


def test_an_answer_that_is_too_large_is_not_read_to_its_end() -> None:
    with dripping(BEHIND_ITS_HEAD, pause=0) as server, closing(archive_at(server)) as archive:
        with pytest.raises(HistoryUnavailable, match="more than 500 bytes"):
            archive.read([BLOCK])
        assert not archive.answers
