"""A fleet of 40 servers with three policies of each kind, all of which idle at 45 %."""

from datetime import timedelta

from monitor.application.accounts.profile import UpdateProfile
from monitor.application.alerts.evaluating.series_models import READ_AT_ONCE
from monitor.application.intake.store_samples import StoreSamples
from monitor.domain.fleet.servers import ServerId
from monitor.domain.intake.samples import COLUMN_METRICS, Sample
from monitor.domain.policies.kinds.known import KINDS
from monitor.domain.policies.kinds.range import RANGE
from monitor.domain.policies.policies import THRESHOLD, Policy
from tests.contracts.builders import a_server
from tests.integration.http.world import World

SERVERS = 40
EVERY = 15.0
IDLE = 45.0


class FleetScene:
    def __init__(self, world: World, servers: int = SERVERS) -> None:
        self.world, container, self._fired = world, world.container, 0
        with container.uow() as uow:
            people = frozenset({world.admin.id})
            rows = [a_server(f"192.0.2.{n + 1}", name=f"host {n}", user_ids=people) for n in range(servers)]
            self.ids = [uow.servers.add(row).id for row in rows]
            for kind in KINDS.values():
                for metric in COLUMN_METRICS:
                    limit = None if kind is RANGE else 90
                    at_once = timedelta() if kind is THRESHOLD else timedelta(minutes=5)
                    uow.alert_policies.add(Policy(metric=metric, kind=kind, critical=limit, sustained_for=at_once))
            uow.commit()
        container.get(UpdateProfile)(world.admin.actor, email="admin@example.com")
        container.fleet.refresh()
        self.key = world.fleet_key()
        for _ in range(len(self.ids) * 2 * len(COLUMN_METRICS) // READ_AT_ONCE + 3):
            self.stored(self.next_samples())  # the history before is read, for some forecasts and ranges at a time
        world.admin = world.log_in(world.admin.name)

    def next_samples(self) -> list[Sample]:
        """Return a sample of each server, a report interval after the last ones."""
        self.world.later(seconds=EVERY)
        now = self.world.clock.now()
        return [Sample(id_, now, now, IDLE, IDLE, IDLE, None, EVERY) for id_ in self.ids]

    def stored(self, samples: list[Sample]) -> None:
        self.world.container.get(StoreSamples)(samples)

    def fire(self, count: int) -> list[ServerId]:
        """Let *count* servers that had no alert yet have one each."""
        begin, self._fired = self._fired, self._fired + count
        samples = self.next_samples()[begin : self._fired]
        assert count == len(samples)
        self.stored([sample._replace(cpu=95.0) for sample in samples])
        return [sample.server_id for sample in samples]
