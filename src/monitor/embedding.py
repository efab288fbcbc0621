"""The core for other programs: the use cases without a database, a server or a socket."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, get_type_hints

from monitor.application.accounts.users import ChangeUser, CreateUser, EnsureFirstAdmin
from monitor.application.alerts.offline import DetectOffline
from monitor.application.checks.check_ins import ChangeCheckIn, CreateCheckIn, DeleteCheckIn, PauseCheckIn
from monitor.application.checks.checks import ChangeCheck, CreateCheck, DeleteCheck
from monitor.application.checks.missed import DetectMissed
from monitor.application.checks.pings import RecordPings
from monitor.application.checks.reading import ReadCheckIns
from monitor.application.checks.results import CheckResults
from monitor.application.checks.runs import RunCheck
from monitor.application.configuration.applying import ApplyConfiguration
from monitor.application.configuration.current import ReadConfiguration
from monitor.application.configuration.planning import Plans
from monitor.application.fleet.api_keys import CreateApiKey, RevokeApiKey
from monitor.application.fleet.fleet import Fleet
from monitor.application.fleet.leaving import DeleteUser
from monitor.application.fleet.servers import CreateServer, DeleteServer, UpdateServer
from monitor.application.history.charts import ReadSeries
from monitor.application.incidents.answering import AcknowledgeIncident, SilenceIncident
from monitor.application.incidents.grouping import GroupAlerts
from monitor.application.intake.store_samples import Outcome, StoreSamples
from monitor.application.operations.ports import Queries
from monitor.application.ports import Clock
from monitor.assembly import in_memory as in_memory_container
from monitor.container import Container
from monitor.domain.accounts.actors import Actor, Role
from monitor.domain.checks.checks import StoredCheck
from monitor.domain.fleet.servers import ServerId
from monitor.domain.intake.live import Live
from monitor.domain.intake.samples import Sample, checked_sample
from monitor.settings import Settings


@dataclass(frozen=True, slots=True, kw_only=True)
class Monitor:
    """A core to embed. *admin*: an actor for its use cases."""

    admin: Actor
    clock: Clock
    fleet: Fleet
    queries: Queries
    create_user: CreateUser
    change_user: ChangeUser
    delete_user: DeleteUser
    create_server: CreateServer
    update_server: UpdateServer
    delete_server: DeleteServer
    create_api_key: CreateApiKey
    revoke_api_key: RevokeApiKey
    create_check: CreateCheck
    change_check: ChangeCheck
    delete_check: DeleteCheck
    run_check: RunCheck
    check_results: CheckResults
    store_samples: StoreSamples
    detect_offline: DetectOffline
    create_check_in: CreateCheckIn
    change_check_in: ChangeCheckIn
    delete_check_in: DeleteCheckIn
    pause_check_in: PauseCheckIn
    read_check_ins: ReadCheckIns
    record_pings: RecordPings
    detect_missed: DetectMissed
    group_alerts: GroupAlerts
    acknowledge_incident: AcknowledgeIncident
    silence_incident: SilenceIncident
    read_series: ReadSeries
    read_configuration: ReadConfiguration
    plans: Plans
    apply_configuration: ApplyConfiguration

    def record(
        self,
        server_id: ServerId,
        *,
        cpu: float,
        memory: float,
        disk: float,
        extra: Mapping[str, float] | None = None,
        at: datetime | None = None,
    ) -> Outcome:
        """Store a sample of the time *at*, default now. Raises InvalidInput."""
        now = self.clock.now()
        sample = checked_sample(Sample(server_id, at or now, now, cpu, memory, disk, extra))
        self.fleet.refresh()
        return self.store_samples([sample])[0]

    def check(self, check_id: ServerId) -> StoredCheck:
        """Run a check now, store its result, and return it. Raises NotFound."""
        self.fleet.refresh()
        stored = self.run_check(self.admin, check_id)
        self.store_samples(self.check_results.take())
        return stored

    def live(self, server_id: ServerId) -> Live:
        """Return status and newest sample. An unknown server is offline and has no sample."""
        self.fleet.refresh()
        return self.fleet.live.get(server_id, Live())


def in_memory(**given: Any) -> Monitor:
    """Return a core that keeps everything in memory.

    *given* replaces parts by name: `clock` (a `Clock`, such as `monitor.FixedClock`), `secrets`, `hasher`, `prober` (of
    checks), and `quotas` (`monitor.domain.accounts.limits.Quotas`), which by default have no limits.
    """
    container = in_memory_container(Settings(database_url="", data_dir=Path()), **given)
    container.get(EnsureFirstAdmin)(secrets.token_urlsafe())
    return over(container)


def over(container: Container) -> Monitor:
    """Return a core with the parts of *container*. Raises LookupError without a user "admin"."""
    with container.uow() as uow:
        admin = uow.users.by_username("admin")
    if admin is None:
        raise LookupError("there is no user 'admin'")
    kinds = get_type_hints(Monitor)
    parts = {name: container.part(name, kinds[name]) for name in Monitor.__dataclass_fields__ if name != "admin"}
    return Monitor(admin=Actor(user_id=admin.id, username=admin.username, role=Role.ADMIN), **parts)
