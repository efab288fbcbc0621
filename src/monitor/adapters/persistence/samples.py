from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import Connection, func, select, tuple_

from monitor.adapters.persistence.addresses import addresses_of
from monitor.adapters.persistence.batches import batches
from monitor.adapters.persistence.fleet_changes import FleetChanges
from monitor.adapters.persistence.sample_inserts import insert_samples
from monitor.adapters.persistence.tables import monitor_data as t
from monitor.application.ports.samples import Samples
from monitor.domain.samples import Sample
from monitor.domain.servers import ServerId


class SqlSamples(Samples):
    def __init__(self, connection: Connection, changes: FleetChanges) -> None:
        self._connection = connection
        self._changes = changes

    def add(self, samples: Sequence[Sample]) -> None:
        server_ids = {sample.server_id for sample in samples}
        addresses = addresses_of(self._connection, server_ids, remember=not self._changes.any)
        insert_samples(self._connection, samples, addresses)

    def existing(self, keys: Collection[tuple[ServerId, datetime]]) -> set[tuple[ServerId, datetime]]:
        found: set[tuple[ServerId, datetime]] = set()
        for batch in batches(keys):
            stored = select(t.c.server_id, t.c.recorded_at).where(tuple_(t.c.server_id, t.c.recorded_at).in_(batch))
            found.update((ServerId(row.server_id), row.recorded_at) for row in self._connection.execute(stored))
        return found

    def last_received(self, server_ids: Collection[ServerId]) -> dict[ServerId, datetime]:
        found: dict[ServerId, datetime] = {}
        for batch in batches(server_ids):
            newest = (
                select(t.c.server_id, func.max(t.c.recorded_at).label("recorded_at"))
                .where(t.c.server_id.in_(batch))
                .group_by(t.c.server_id)
                .subquery()
            )
            same = (t.c.server_id == newest.c.server_id) & (t.c.recorded_at == newest.c.recorded_at)
            rows = self._connection.execute(select(t.c.server_id, t.c.received_at).join(newest, same))
            found.update((ServerId(row.server_id), row.received_at) for row in rows)
        return found
