"""The archive in VictoriaMetrics."""

import json
import re
from collections.abc import Collection, Iterator, Mapping
from datetime import timedelta

import msgspec

from monitor.adapters.victoria.client import Client
from monitor.adapters.victoria.points import ROLLUP, SAMPLE, TIME, Line, frames_of, limits, lines_of
from monitor.application.history.blocks import Archive, Block
from monitor.domain.errors import HistoryUnavailable
from monitor.domain.fleet.servers import ServerId
from monitor.domain.history.frames import Frame

_encode = msgspec.json.Encoder().encode
_decode_lines = msgspec.json.Decoder(Line).decode_lines
_SERVERS_AT_ONCE = 200
_DEFAULT_AGE = timedelta(days=31)
_UNITS = {"h": 1 / 24, "d": 1, "w": 7, "": 31, "y": 365}
"""Days of the units of -retentionPeriod; without a unit it counts months."""


class VictoriaArchive(Archive):
    """See `points` for what is stored. Single node, or a cluster's tenant."""

    # It answers before it writes; after five seconds its parts are on the disk. New series are seen after ten.
    settles_after = timedelta(seconds=20)

    def __init__(self, client: Client, place: str = "VictoriaMetrics") -> None:
        self._client = client
        self.place = place

    def store(self, blocks: Mapping[Block, Frame]) -> None:
        lines = [line for block, frame in blocks.items() for line in lines_of(block, frame)]
        if lines:
            self._client.write("/api/v1/import", b"\n".join(map(_encode, lines)))

    def read(self, blocks: Collection[Block], names: Collection[str] | None = None) -> dict[Block, Frame]:
        found: dict[Block, Frame] = {}
        for some in _requests(blocks):
            begins, ends = zip(*map(limits, some), strict=True)
            form = {
                "match[]": list(_selectors(some, names)),
                # With a point: four digits would be a year.
                "start": f"{min(begins) / 1000:.3f}",
                "end": f"{max(ends) / 1000:.3f}",
            }
            try:
                lines = _decode_lines(self._client.read("/api/v1/export", form))
                found |= frames_of(lines, some)
            except (msgspec.MsgspecError, KeyError, ValueError, OverflowError) as error:
                raise HistoryUnavailable(f"VictoriaMetrics answers what it was never given: {error}") from error
        return found

    def forget(self, server_ids: Collection[ServerId]) -> None:
        names = f'__name__=~"{SAMPLE}|{ROLLUP}"'
        for some in _in_batches(sorted(set(server_ids))):
            form = {"match[]": f"{{{names},{_one_of('server', some)}}}"}
            self._client.delete("/api/v1/admin/tsdb/delete_series", form)

    def keeps(self) -> timedelta | None:
        flags = self._client.page("/flags")
        if flags is None:
            return None
        found = re.search(r'^-retentionPeriod="?(\d+(?:\.\d+)?)([hdwy]?)"?$', flags, re.MULTILINE)
        if found is None:
            return _DEFAULT_AGE
        return timedelta(days=min(float(found[1]) * _UNITS[found[2]], 365_000))

    @property
    def answers(self) -> bool:
        return self._client.answers

    def close(self) -> None:
        self._client.close()

    def size(self) -> int:
        page = self._client.page("/metrics") or ""
        return sum(int(float(size)) for size in re.findall(r"^vm_data_size_bytes\{.*\} (\S+)$", page, re.MULTILINE))


def _requests(blocks: Collection[Block]) -> Iterator[list[Block]]:
    """Yield blocks to be read together: of one width and at most 200 servers."""
    for width in sorted({block.width for block in blocks}):
        of_width = [block for block in blocks if block.width == width]
        for ids in _in_batches(sorted({block.server_id for block in of_width})):
            wanted = set(ids)
            yield [block for block in of_width if block.server_id in wanted]


def _in_batches(ids: list[ServerId]) -> Iterator[list[ServerId]]:
    for first in range(0, len(ids), _SERVERS_AT_ONCE):
        yield ids[first : first + _SERVERS_AT_ONCE]


def _selectors(blocks: Collection[Block], names: Collection[str] | None) -> Iterator[str]:
    """Yield one selector of series, or one per column of *names* and the times."""
    width = next(iter(blocks)).width
    labels = [f'__name__="{ROLLUP}",width="{width}"' if width else f'__name__="{SAMPLE}"']
    labels.append(_one_of("server", {block.server_id for block in blocks}))
    labels.append(_one_of("generation", {block.generation for block in blocks}))
    if names is None:
        yield f"{{{','.join(labels)}}}"
        return
    for name in dict.fromkeys([TIME, *names]):
        yield f"{{{','.join(labels)},metric={json.dumps(name, ensure_ascii=False)}}}"


def _one_of(label: str, numbers: Collection[int]) -> str:
    return f'{label}=~"{"|".join(map(str, sorted(numbers)))}"'
