"""Stored history of many servers, read at once before it is asked for."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from monitor.application.history.tiers import StoredHistory
from monitor.domain.fleet.servers import ServerId
from monitor.domain.history.frames import Frame
from monitor.domain.times import microseconds


@dataclass(frozen=True, slots=True)
class ReadAhead(StoredHistory):
    """*held*: all samples of start <= recorded_at < end, with *names*. The rest is read when it is asked for."""

    held: Mapping[ServerId, Frame]
    names: Collection[str]
    start: datetime
    end: datetime

    @staticmethod
    def of(
        stored: StoredHistory, server_ids: Collection[ServerId], names: Sequence[str], start: datetime, end: datetime
    ) -> "ReadAhead":
        return ReadAhead(stored.queries, stored.frames(server_ids, names, start, end), names, start, end)

    def frame(self, server_id: ServerId, metrics: Sequence[str], start: datetime, end: datetime) -> Frame:
        held = self.held.get(server_id)
        # Without any sample the server may have been deleted.
        if held and self.start <= start and end <= self.end and {*metrics} <= {*self.names}:
            return held.between(microseconds(start), microseconds(end))
        return StoredHistory.frame(self, server_id, metrics, start, end)
