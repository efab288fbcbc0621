"""Filling a database with a fleet that does not exist, and with what it would have reported."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import islice

from monitor.application.fleet import Fleet
from monitor.application.past_alerts import KeepPastAlerts, WatchThePast
from monitor.application.ports.clock import Clock
from monitor.application.ports.secrets import Secrets
from monitor.application.ports.unit_of_work import UnitOfWork
from monitor.application.transactions import retried
from monitor.application.users import CreateUser
from monitor.domain.actors import Actor, UserId
from monitor.domain.alert_engine import microseconds
from monitor.domain.audit import entry
from monitor.domain.liveness import silence_allowed
from monitor.domain.past_alerts import Watcher
from monitor.domain.policies import OFFLINE, Policy, Scope
from monitor.domain.samples import Sample
from monitor.domain.servers import Server, ServerId
from monitor.domain.simulation.courses import KNOT
from monitor.domain.simulation.hosts import Host, host, is_made_by, made_by
from monitor.domain.simulation.people import PEOPLE
from monitor.domain.simulation.samples import samples

NewUow = Callable[[], UnitOfWork]
Simulated = Sequence[tuple[Host, Server]]
_PER_TRANSACTION = 5000
"""Others who write beside it wait no longer than one transaction takes."""
_SERVERS_PER_TRANSACTION = 200
_KNOT = timedelta(milliseconds=KNOT)


@dataclass(frozen=True, slots=True)
class SetUpSimulation:
    """The simulated servers, and the people who look after them. Those that are there already stay as they are."""

    new_uow: NewUow
    clock: Clock
    secrets: Secrets
    create_user: CreateUser

    def __call__(
        self, actor: Actor, *, seed: int, count: int, created_at: datetime, password: str | None = None
    ) -> Simulated:
        """People are given *password*; with None nobody can log in as one of them.

        Raises Forbidden, InvalidInput, AddressTaken where a server that is none of these has the address of one.
        """
        user_ids = self._people(actor, password)
        found: list[tuple[Host, Server]] = []
        hosts = [host(seed, index) for index in range(count)]
        for first in range(0, count, _SERVERS_PER_TRANSACTION):
            group = hosts[first : first + _SERVERS_PER_TRANSACTION]
            found += zip(group, self._servers(actor, seed, group, user_ids, created_at), strict=True)
        return found

    def _people(self, actor: Actor, password: str | None) -> dict[str, UserId]:
        """By user name."""
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
            there = {server.ip_address: server for server in known if is_made_by(seed, server)}
            missing = [each for each in hosts if each.ip_address not in there]
            for each in missing:
                there[each.ip_address] = uow.servers.add(_server(each, user_ids, created_at))
            if missing:
                detail = f"{missing[0].name} to {missing[-1].name}"
                uow.audit.add(entry(actor, self.clock.now(), "server.simulate", f"{len(missing)} servers", detail))
                uow.commit()
        return [there[each.ip_address] for each in hosts]

    @retried
    def watch_silence(self, seed: int, *, enabled: bool) -> None:
        """Whether its hosts are alerted on when they fall silent, as all do that nobody keeps alive."""
        scope = Scope(tag=made_by(seed))
        with self.new_uow() as uow:
            there = [each for each in uow.alert_policies.all() if (each.metric, each.scope) == (OFFLINE, scope)]
            if not there:
                uow.alert_policies.add(Policy(metric=OFFLINE, scope=scope, enabled=enabled))
            elif there[0].enabled is not enabled:
                uow.alert_policies.save(replace(there[0], enabled=enabled))
            uow.commit()


def _server(of: Host, user_ids: Mapping[str, UserId], created_at: datetime) -> Server:
    linked = frozenset(user_ids[person.username] for person in PEOPLE if person.looks_after(of))
    return Server(name=of.name, ip_address=of.ip_address, tags=of.tags, user_ids=linked, created_at=created_at)


@dataclass(frozen=True, slots=True)
class WriteSimulatedHistory:
    """Whoever runs it again goes on after the newest sample of each server: nothing is written twice."""

    new_uow: NewUow
    fleet: Fleet
    watch_the_past: WatchThePast
    keep_past_alerts: KeepPastAlerts

    def __call__(
        self,
        simulated: Simulated,
        *,
        start: datetime,
        end: datetime,
        interval: float,
        step: Callable[[float, int], None],
    ) -> int:
        """How many samples were stored. *step* is called on the way with the progress (0 to 1) and that number.

        What is silent at the *end* is then known as offline, and what should have raised an alert has done so.
        """
        begins = {server.id: self._begin(of, server.id, start) for of, server in simulated}
        stored, watchers = 0, self._watchers(simulated, interval)
        for since, until in _windows(min(begins.values(), default=end), end, len(simulated), interval):
            found = (
                sample
                for of, server in simulated
                for sample in samples(of, server.id, max(since, begins[server.id]), until, interval)
            )
            while group := list(islice(found, _PER_TRANSACTION)):
                self._store(group)
                for sample in group:
                    watchers[sample.server_id].see(sample)
                stored += len(group)
                step(_share(start, until, end), stored)
        self._tell_status(watchers.values(), interval, end)
        self.keep_past_alerts(list(watchers.values()))
        return stored

    def _begin(self, of: Host, server_id: ServerId, start: datetime) -> datetime:
        """By true time, like the samples are made."""
        live = self.fleet.live.get(server_id)
        if live is None or live.sample is None:
            return start
        skew = timedelta(milliseconds=of.skew)
        return max(start, live.sample.recorded_at - skew + timedelta(milliseconds=1))

    @retried
    def _store(self, group: Sequence[Sample]) -> None:
        with self.new_uow() as uow:
            uow.samples.add(group)
            uow.commit()

    def _watchers(self, simulated: Simulated, interval: float) -> dict[ServerId, Watcher]:
        """They also watch for silence, which is no alert any more once the history has ended."""
        policies = [each for each in self.fleet.directory.policies if each.metric != OFFLINE or each.enabled]
        watchers = self.watch_the_past([server for _, server in simulated], policies, interval)
        return {watcher.server_id: watcher for watcher in watchers}

    @retried
    def _tell_status(self, watchers: Iterable[Watcher], interval: float, end: datetime) -> None:
        allowed = silence_allowed(self.watch_the_past.offline_after, interval)
        received = {each.server_id: each.last_report_at for each in watchers if each.last_report_at is not None}
        silent = {server_id: at for server_id, at in received.items() if end - at > allowed}
        with self.new_uow() as uow:
            uow.servers.save_intervals(dict.fromkeys(received, interval))
            uow.servers.mark_online(received.keys() - silent.keys())
            uow.servers.mark_offline(silent)
            uow.commit()


def _windows(start: datetime, end: datetime, count: int, interval: float) -> Iterator[tuple[datetime, datetime]]:
    """Each holds some transactions of samples, and begins where slow things are worked out anew."""
    knots = max(1, round(_PER_TRANSACTION * interval / (max(count, 1) * _KNOT.total_seconds())))
    width = knots * _KNOT
    at = start - timedelta(microseconds=microseconds(start) % (_KNOT // timedelta(microseconds=1)))
    while at < end:
        yield max(at, start), min(at + width, end)
        at += width


def _share(start: datetime, at: datetime, end: datetime) -> float:
    return 1.0 if at >= end else (at - start) / (end - start)
