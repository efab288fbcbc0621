"""Set up a simulated fleet: servers, and users who are responsible for them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from monitor.application.accounts.users import CreateUser
from monitor.application.alerts.ports import UnitOfWork
from monitor.application.ports import Clock, Secrets
from monitor.application.transactions import chunks, retried
from monitor.demo.hosts import PEOPLE, Host, host, is_made_by, made_by
from monitor.domain.accounts.actors import Actor, UserId
from monitor.domain.accounts.audit import entry
from monitor.domain.fleet.servers import Server
from monitor.domain.policies.policies import OFFLINE, Policy, Scope

_NONE: Mapping[str, Server] = {}
NewUow = Callable[[], UnitOfWork]
Simulated = Sequence[tuple[Host, Server]]
OnProgress = Callable[[float, int], None]
"""Called with the share done (0 to 1) and the number of things done so far."""


@dataclass(frozen=True, slots=True)
class SetUpSimulation:
    """Create the simulated servers and users. Existing ones stay unchanged."""

    new_uow: NewUow
    clock: Clock
    secrets: Secrets
    create_user: CreateUser

    def __call__(
        self,
        actor: Actor,
        *,
        seed: int,
        count: int,
        created_at: datetime,
        password: str | None = None,
        known: Mapping[str, Server] = _NONE,
        on_progress: OnProgress = lambda share, done: None,
    ) -> Simulated:
        """Return the *count* first hosts of the fleet *seed* with their servers.

        *known*: existing ones by address, which are not looked up again. *password*: of the users; None: random ones,
        so that nobody can log in. Raises Forbidden, InvalidInput, and AddressTaken if another server has the address of
        a simulated one.
        """
        user_ids = self._people(actor, password)
        found: list[tuple[Host, Server]] = []
        for group in chunks(range(count)):
            hosts = [host(seed, index) for index in group]
            unknown = [each for each in hosts if each.ip_address not in known]
            made = self._servers(actor, seed, unknown, user_ids, created_at) if unknown else ()
            added = {server.ip_address: server for server in made}
            found += [(each, known.get(each.ip_address) or added[each.ip_address]) for each in hosts]
            on_progress(len(found) / count, len(found))
        return found

    def _people(self, actor: Actor, password: str | None) -> dict[str, UserId]:
        """Return the ids of all simulated users by user name, created if missing."""
        names = [person.username for person in PEOPLE]
        with self.new_uow() as uow:
            found = {user.username: user.id for user in uow.users.by_usernames(names)}
        for person in PEOPLE:
            if person.username not in found:
                made = self.create_user(
                    actor, username=person.username, password=password or self.secrets.token(), email=person.email
                )
                found[made.username] = made.id
        return found

    @retried
    def _servers(
        self, actor: Actor, seed: int, hosts: Sequence[Host], user_ids: Mapping[str, UserId], created_at: datetime
    ) -> list[Server]:
        with self.new_uow() as uow:
            known = uow.servers.by_addresses([each.ip_address for each in hosts])
            existing = {server.ip_address: server for server in known if is_made_by(seed, server)}
            missing = [each for each in hosts if each.ip_address not in existing]
            if missing:
                added = uow.servers.add_many([_server(each, user_ids, created_at) for each in missing])
                existing |= {server.ip_address: server for server in added}
                detail = f"{missing[0].name} to {missing[-1].name}"
                uow.audit.add(entry(actor, self.clock.now(), "server.simulate", f"{len(missing)} servers", detail))
                uow.commit()
        return [existing[each.ip_address] for each in hosts]

    @retried
    def set_offline_alerts(self, seed: int, *, enabled: bool) -> None:
        """Switch alerts on offline hosts of this fleet: without `--live` all of them stop reporting."""
        scope = Scope(tag=made_by(seed))
        with self.new_uow() as uow:
            found = [each for each in uow.alert_policies.all() if (each.metric, each.scope) == (OFFLINE, scope)]
            if not found:
                uow.alert_policies.add(Policy(metric=OFFLINE, scope=scope, enabled=enabled))
            elif found[0].enabled is not enabled:
                uow.alert_policies.save(replace(found[0], enabled=enabled))
            uow.commit()


def _server(of: Host, user_ids: Mapping[str, UserId], created_at: datetime) -> Server:
    linked = frozenset(user_ids[person.username] for person in PEOPLE if person.looks_after(of))
    return Server(name=of.name, ip_address=of.ip_address, tags=of.tags, user_ids=linked, created_at=created_at)
