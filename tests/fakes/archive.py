"""An archive in memory."""

from collections.abc import Collection, Mapping
from datetime import timedelta

from monitor.application.history.blocks import Archive, Block
from monitor.domain.errors import HistoryUnavailable
from monitor.domain.fleet.servers import ServerId
from monitor.domain.history.frames import Frame, merged


class MemoryArchive(Archive):
    """*fails*: it does not answer. *age*: see `keeps`. Like a real one it changes nothing that it holds."""

    place = "memory"

    def __init__(self) -> None:
        self.fails = False
        self.age: timedelta | None = None
        self.held: dict[Block, Frame] = {}

    def store(self, blocks: Mapping[Block, Frame]) -> None:
        self._answer()
        self.held |= {block: merged(self.held.get(block, Frame()), frame) for block, frame in blocks.items()}

    def read(self, blocks: Collection[Block], names: Collection[str] | None = None) -> dict[Block, Frame]:
        self._answer()
        found = {block: self.held[block] for block in blocks if block in self.held}
        if names is None:
            return found
        return {
            block: Frame(frame.times, {name: frame.columns[name] for name in names if name in frame.columns})
            for block, frame in found.items()
        }

    def forget(self, server_ids: Collection[ServerId]) -> None:
        self._answer()
        self.held = {block: frame for block, frame in self.held.items() if block.server_id not in server_ids}

    def keeps(self) -> timedelta | None:
        self._answer()
        return self.age

    def size(self) -> int:
        self._answer()
        return sum(8 * len(frame) * (1 + len(frame.columns)) for frame in self.held.values())

    @property
    def answers(self) -> bool:
        return not self.fails

    def close(self) -> None:
        pass

    def _answer(self) -> None:
        if self.fails:
            raise HistoryUnavailable("the archive does not answer")
