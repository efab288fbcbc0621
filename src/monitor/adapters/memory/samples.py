from collections.abc import Collection, Sequence
from datetime import datetime

from monitor.adapters.memory.database import Database
from monitor.adapters.memory.sample_table import Row
from monitor.adapters.memory.state import Draft
from monitor.application.ports.samples import Samples
from monitor.domain.errors import ConstraintViolated
from monitor.domain.samples import Sample
from monitor.domain.servers import ServerId


class MemorySamples(Samples):
    def __init__(self, database: Database, draft: Draft) -> None:
        self._database = database
        self._draft = draft

    def add(self, samples: Sequence[Sample]) -> None:
        keys = [(sample.server_id, sample.recorded_at) for sample in samples]
        if len(set(keys)) < len(keys) or any(key in self._draft.samples for key in keys):
            raise ConstraintViolated("a sample with this server and time is stored already")
        if any(server_id not in self._draft.servers for server_id, _ in keys):
            raise ConstraintViolated("the server is gone")
        for sample in samples:
            self._draft.samples.add(Row(self._database.next_id("samples"), _stored(sample)))

    def existing(self, keys: Collection[tuple[ServerId, datetime]]) -> set[tuple[ServerId, datetime]]:
        return {key for key in keys if key in self._draft.samples}

    def last_received(self, server_ids: Collection[ServerId]) -> dict[ServerId, datetime]:
        newest = {server_id: self._draft.samples.newest(server_id) for server_id in server_ids}
        return {server_id: sample.received_at for server_id, sample in newest.items() if sample is not None}

    def recent_times(self, server_id: ServerId, until: datetime, count: int) -> list[datetime]:
        return self._draft.samples.times(server_id, until, count) if count > 0 else []


def _stored(sample: Sample) -> Sample:
    """What a row holds of it: no processes."""
    return sample._replace(extra=dict(sample.extra) if sample.extra else None, processes=())
