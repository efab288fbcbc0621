"""Hours of one server that become chunks and summaries: worked out without a lock, then written in one transaction."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

from monitor.application.ports.history import Block, Chunk, HistoryQueries
from monitor.application.ports.unit_of_work import UnitOfWork
from monitor.domain.alert_engine import SECOND
from monitor.domain.errors import ConstraintViolated, TransactionConflict
from monitor.domain.history.codec import decode, encode
from monitor.domain.history.frames import Frame, joined, merged
from monitor.domain.history.rollups import BLOCK_SPANS, HOUR, folded, summarised, without
from monitor.domain.servers import ServerId


@dataclass(frozen=True, slots=True, kw_only=True)
class Sealing:
    """*ids*: rows that go. *hours_before*: how many samples its hours had that were sealed already."""

    server_id: ServerId
    ids: Sequence[int]
    hours_before: Mapping[int, int]
    chunks: Sequence[Chunk]
    blocks_before: Sequence[Block]
    blocks: Sequence[Block]


def prepared(
    history: HistoryQueries, server_id: ServerId, fresh: Mapping[int, Frame], ids: Sequence[int] = ()
) -> Sealing:
    """To seal these samples, by the hour, beside those that are sealed already. *ids*: the rows that hold them."""
    chunks = {chunk.hour: chunk for chunk in _chunks(history, server_id, fresh)}
    hours = {
        hour: merged(decode(chunks[hour].data), samples) if hour in chunks else samples
        for hour, samples in fresh.items()
    }
    before, after = _blocks(history, server_id, {hour: summarised(samples) for hour, samples in hours.items()})
    return Sealing(
        server_id=server_id,
        ids=ids,
        hours_before={hour: chunk.samples for hour, chunk in chunks.items()},
        chunks=[Chunk(server_id, hour, len(samples), encode(samples)) for hour, samples in hours.items()],
        blocks_before=before,
        blocks=after,
    )


def write(uow: UnitOfWork, sealing: Sealing) -> None:
    """Raises TransactionConflict where it is not as it was prepared for: somebody else sealed, the server is gone."""
    history, server_id = uow.history, sealing.server_id
    blocks = [
        block
        for width in BLOCK_SPANS
        for block in history.blocks(server_id, width, {b.period for b in sealing.blocks if b.width == width})
    ]
    hours = history.sealed(server_id, {chunk.hour for chunk in sealing.chunks})
    if hours != sealing.hours_before or blocks != sealing.blocks_before:
        raise TransactionConflict("somebody else has sealed this hour")
    if history.remove_rows(sealing.ids) < len(sealing.ids):
        raise TransactionConflict("somebody else has sealed these samples")
    try:
        history.save_chunks(sealing.chunks)
        history.save_blocks(sealing.blocks)
    except ConstraintViolated as error:
        raise TransactionConflict("the server is gone") from error


def _chunks(history: HistoryQueries, server_id: ServerId, hours: Collection[int]) -> Iterator[Chunk]:
    """Of those *hours* that are sealed already. They may lie far apart: one question for each run of them."""
    for _, run in groupby(enumerate(sorted(hours)), key=lambda each: each[1] - each[0]):
        follow_on = [hour for _, hour in run]
        yield from history.chunks(server_id, follow_on[0], follow_on[-1] + 1)


def _blocks(
    history: HistoryQueries, server_id: ServerId, summaries: Mapping[int, Frame]
) -> tuple[list[Block], list[Block]]:
    """Those that hold these hours' summaries, before and after."""
    before: list[Block] = []
    after: list[Block] = []
    for width, span in BLOCK_SPANS.items():
        periods: dict[int, dict[int, Frame]] = {}
        for hour, summary in summaries.items():
            periods.setdefault(hour * 3600 // span, {})[hour] = folded(summary, width * SECOND)
        for period, hours in periods.items():
            there = history.blocks(server_id, width, period, period + 1)
            others = [without(decode(block.data), [hour * HOUR for hour in hours]) for block in there]
            whole = merged(joined(others), joined(list(hours.values())))
            before += there
            after.append(Block(server_id, width, period, encode(whole, split=False)))
    return before, after
