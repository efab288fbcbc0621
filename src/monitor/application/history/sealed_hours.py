"""Hours of one server that become chunks and summaries: worked out without a lock, then written in one transaction."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

from monitor.application.history.ports import Block, Chunk, HistoryQueries, UnitOfWork
from monitor.domain.errors import ConstraintViolated, TransactionConflict
from monitor.domain.fleet.servers import ServerId
from monitor.domain.history.codec import decode, encode
from monitor.domain.history.frames import Frame, cut, joined, merged
from monitor.domain.history.rollups import BLOCK_SPANS, HALF_DAY, HOUR, folded, summarised, without


@dataclass(frozen=True, slots=True, kw_only=True)
class Sealing:
    """*ids*: rows that go, *at_hand*: how many of each hour stay. *hours_before*: how many samples the chunks of these
    hours had, and how many of them at hand."""

    server_id: ServerId
    ids: Sequence[int]
    at_hand: Mapping[int, int]
    hours_before: Mapping[int, tuple[int, int]]
    chunks: Sequence[Chunk]
    blocks_before: Sequence[Block]
    blocks: Sequence[Block]

    @property
    def count(self) -> int:
        """How many samples are new in the chunks."""
        return sum(chunk.samples - self.hours_before.get(chunk.hour, (0, 0))[0] for chunk in self.chunks)


def prepared(
    history: HistoryQueries,
    server_id: ServerId,
    samples: Mapping[int, Frame],
    *,
    ids: Sequence[int] = (),
    at_hand: Mapping[int, int] | None = None,
) -> Sealing:
    """To seal these *samples*, by the hour, beside those that are sealed already. *ids*: of their rows those that go;
    *at_hand*: how many stay of each hour, by default those that did before."""
    chunks = {chunk.hour: chunk for chunk in _chunks(history, server_id, samples)}
    before = {hour: (chunk.samples, chunk.at_hand) for hour, chunk in chunks.items()}
    stays = {hour: before.get(hour, (0, 0))[1] for hour in samples} if at_hand is None else at_hand
    hours = {
        hour: merged(decode(chunks[hour].data), frame) if hour in chunks else frame for hour, frame in samples.items()
    }
    changed = {hour: frame for hour, frame in hours.items() if len(frame) > before.get(hour, (0, 0))[0]}
    blocks_before, blocks = _blocks(history, server_id, {hour: summarised(frame) for hour, frame in changed.items()})
    return Sealing(
        server_id=server_id,
        ids=ids,
        at_hand=stays,
        hours_before=before,
        chunks=[Chunk(server_id, hour, len(frame), encode(frame), stays[hour]) for hour, frame in changed.items()],
        blocks_before=blocks_before,
        blocks=blocks,
    )


def write(uow: UnitOfWork, sealing: Sealing) -> None:
    """In one transaction at a time, so that two don't both find it as it was: those of a lease lock its row, whoever
    has it. Raises TransactionConflict where it is not as it was prepared for: somebody else sealed, the server is gone.
    """
    history, server_id = uow.history, sealing.server_id
    blocks = [
        block
        for width in BLOCK_SPANS
        for block in history.blocks(server_id, width, {b.period for b in sealing.blocks if b.width == width})
    ]
    if history.sealed(server_id, sealing.at_hand) != sealing.hours_before or blocks != sealing.blocks_before:
        raise TransactionConflict("somebody else has sealed this hour")
    if history.remove_rows(sealing.ids) < len(sealing.ids):
        raise TransactionConflict("somebody else has sealed these samples")
    try:
        history.save_chunks(sealing.chunks)
        history.save_blocks(sealing.blocks)
    except ConstraintViolated as error:
        raise TransactionConflict("the server is gone") from error
    history.set_at_hand(server_id, sealing.at_hand)


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

    def rewritten(width: int, fresh: Mapping[int, Frame]) -> list[Frame]:
        """*fresh*: by the hour at which they begin. All the frames that hold them then."""
        periods: dict[int, dict[int, Frame]] = {}
        for hour, summary in fresh.items():
            periods.setdefault(hour * 3600 // BLOCK_SPANS[width], {})[hour] = summary
        frames = []
        for period, hours in periods.items():
            there = history.blocks(server_id, width, period, period + 1)
            others = [without(decode(block.data), [hour * HOUR for hour in hours]) for block in there]
            frames.append(merged(joined(others), joined(list(hours.values()))))
            before.extend(there)
            after.append(Block(server_id, width, period, encode(frames[-1], split=False)))
        return frames

    rewritten(600, summaries)
    weeks = rewritten(3600, {hour: folded(summary, HOUR) for hour, summary in summaries.items()})
    touched = {hour * HOUR // HALF_DAY * HALF_DAY for hour in summaries}
    half_days = [(at, week.part(place)) for week in weeks for at, place in cut(week.times, HALF_DAY) if at in touched]
    rewritten(43_200, {at // HOUR: folded(hours, HALF_DAY) for at, hours in half_days})
    return before, after
