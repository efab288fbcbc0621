"""Apply a file: all of it or nothing, each change as if it were made by itself."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from typing import Any

from monitor.application.alerts.announcing import CancelOpenAlerts
from monitor.application.checks.check_ins import ChangeCheckIn, CreateCheckIn, DeleteCheckIn
from monitor.application.checks.checks import ChangeCheck, CreateCheck, DeleteCheck
from monitor.application.checks.ports import Schedules
from monitor.application.configuration.current import Current, ReadConfiguration
from monitor.application.configuration.joined import Broken, checked, parts_of, still, stored_alone
from monitor.application.fleet.servers import ServerChange, still_theirs, store
from monitor.application.fleet.teams import ChangeTeam, CreateTeam, DeleteTeam
from monitor.application.notifications.channels import ManageChannels
from monitor.application.operations.peers import FollowAlerts
from monitor.application.operations.ports import UnitOfWork
from monitor.application.policies.policies import CreatePolicy, DeletePolicy, UpdatePolicy
from monitor.application.policies.silences import CreateSilence, DeleteSilence
from monitor.application.ports import Clock, Secrets
from monitor.application.transactions import chunks, retried
from monitor.domain.accounts.actors import Actor
from monitor.domain.checks.checks import Check
from monitor.domain.configuration.changes import Change, changes, pairs
from monitor.domain.configuration.configuration import Configuration, ConfigurationChanged
from monitor.domain.configuration.reading import Wanted
from monitor.domain.configuration.sections import (
    CHANNELS,
    CHECK_INS,
    CHECKS,
    POLICIES,
    SECTIONS,
    SILENCES,
    TEAMS,
    Section,
)
from monitor.domain.errors import InvalidInput, MonitorError, Problem, TransactionConflict, Unavailable
from monitor.domain.fleet.servers import ServerId
from monitor.domain.policies.policies import Policy, Scope

_DELETED_FIRST = (POLICIES, SILENCES, TEAMS, CHANNELS)
_DELETED_LAST = (CHECK_INS, CHECKS)
"""With them go the policies that are for them: some of these may be for others now."""
_TAGGED_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class ApplyConfiguration:
    new_uow: Callable[[], UnitOfWork]
    read: ReadConfiguration
    schedules: Schedules
    secrets: Secrets
    follow_alerts: FollowAlerts

    @retried
    def __call__(self, actor: Actor, text: str, revision: str) -> list[Change]:
        """Make the configuration that of a file, and return what changed. *revision*: that it was planned for.

        Raises InvalidInput, ConfigurationChanged, and what the changes raise, such as ReauthenticationRequired.
        """
        current = self.read(actor)
        if current.revision != revision:
            raise ConfigurationChanged
        wanted = self.read.wanted(text, current)
        if wanted.missing:
            problems = {each.path: Problem("unknown_name", {"name": each.name}) for each in wanted.missing}
            raise self.read.refused(text, problems)
        found = changes(current.configuration, wanted, current.installation)
        if not found:
            return []
        self._check_channels(text, current, wanted)
        try:
            with self.new_uow() as uow:
                _Writing(self, actor, uow, text, current.configuration, wanted).write()
                # What has changed since it was read would otherwise be overwritten by what it was then.
                if self.read.queries.fleet.revision() != current.directory.revision:
                    raise TransactionConflict("the fleet was changed meanwhile")
                uow.commit()
        except Broken as error:
            raise error.cause from None
        except Unavailable:
            raise
        except MonitorError:
            # Who was faster may have deleted what is changed here, or taken a name.
            if self.read(actor).revision != revision:
                raise ConfigurationChanged from None
            raise
        with suppress(Unavailable):  # it is done again each second
            self.follow_alerts()  # changed checks run at once, and their first failure counts
        return found

    def _check_channels(self, text: str, current: Current, wanted: Wanted) -> None:
        """Check the settings of channels outside of the transaction: it may take seconds."""
        for before, after in pairs(CHANNELS, current.configuration, wanted.configuration):
            if after is not None and (before is None or after.settings != before.settings):
                with _placed(self.read, text, wanted, CHANNELS, after.id):
                    self.read.senders[after.kind].check(after)


@contextmanager
def _placed(read: ReadConfiguration, text: str, wanted: Wanted, section: Section, id_: int) -> Iterator[None]:
    """Have an InvalidInput about one thing name its place in the file."""
    try:
        yield
    except InvalidInput as error:
        path = wanted.paths.get((section.name, id_))
        if path is None:
            raise
        problems = {(*path, *name.split(".")): problem for name, problem in error.problems.items()}
        raise read.refused(text, problems) from None


class _Writing:
    """One transaction. Ids of new things become those that the store gives them, wherever the file refers to them."""

    def __init__(
        self,
        use: ApplyConfiguration,
        actor: Actor,
        uow: UnitOfWork,
        text: str,
        before: Configuration,
        wanted: Wanted,
    ) -> None:
        self._use, self._actor, self._uow, self._text = use, actor, uow, text
        self._before, self._wanted = before, wanted
        self._ids: dict[ServerId, ServerId] = {}
        clock, new_uow = use.read.clock, parts_of(uow)
        fleet = still(use.read.fleet)
        alerts = CancelOpenAlerts(fleet)
        self._clock: Clock = clock
        self._channels = ManageChannels(new_uow, clock, checked(use.read.senders))
        self._create: dict[str, Callable[[Actor, Any], Any]] = {
            CHECKS.name: self._create_check(CreateCheck(new_uow, clock, use.secrets)),
            CHECK_INS.name: CreateCheckIn(new_uow, use.schedules, clock, use.secrets),
            CHANNELS.name: self._channels.create,
            TEAMS.name: CreateTeam(new_uow, clock),
            POLICIES.name: CreatePolicy(new_uow, clock),
            SILENCES.name: CreateSilence(new_uow, clock),
        }
        self._update: dict[str, Callable[[Actor, Any], Any]] = {
            CHECKS.name: ChangeCheck(new_uow, fleet, stored_alone(fleet), clock),
            CHECK_INS.name: ChangeCheckIn(new_uow, use.schedules, clock),
            CHANNELS.name: self._change_channel,
            TEAMS.name: ChangeTeam(new_uow, clock),
            POLICIES.name: self._policy_change(UpdatePolicy(new_uow, clock, fleet)),
        }
        self._delete: dict[str, Callable[[Actor, Any], Any]] = {
            CHECKS.name: DeleteCheck(new_uow, clock, alerts),
            CHECK_INS.name: DeleteCheckIn(new_uow, clock, alerts),
            CHANNELS.name: self._channels.delete,
            TEAMS.name: DeleteTeam(new_uow, clock),
            POLICIES.name: DeletePolicy(new_uow, clock, fleet),
            SILENCES.name: DeleteSilence(new_uow, clock),
        }

    def write(self) -> None:
        """Delete first, so that names and scopes are free, and then add what others refer to before these."""
        self._remove(_DELETED_FIRST)
        for section in SECTIONS:
            for before, after in self._pairs(section):
                if after is not None:
                    with _placed(self._use.read, self._text, self._wanted, section, after.id):
                        self._put(section, before, after)
        self._remove(_DELETED_LAST)
        self._tag()

    def _remove(self, sections: Sequence[Section]) -> None:
        for section in sections:
            for before, after in self._pairs(section):
                if after is None:
                    self._delete[section.name](self._actor, before.id)

    def _pairs(self, section: Section) -> list[tuple[Any, Any]]:
        return list(pairs(section, self._before, self._wanted.configuration))

    def _put(self, section: Section, before: Any, after: Any) -> None:
        if section in (POLICIES, SILENCES):
            after = replace(after, scope=self._scope(after.scope))
        if before is not None:
            self._update[section.name](self._actor, after)
            return
        stored = self._create[section.name](self._actor, replace(after, id=0))
        self._ids[after.id] = stored.id

    def _scope(self, scope: Scope) -> Scope:
        if scope.server_id is None or scope.server_id > 0:
            return scope
        return Scope(server_id=self._ids[scope.server_id])

    def _create_check(self, create: CreateCheck) -> Callable[[Actor, Check], Check]:
        return lambda actor, check: create(actor, check).check

    def _policy_change(self, update: UpdatePolicy) -> Callable[[Actor, Policy], Policy]:
        fields = tuple(field.of for field in POLICIES.fields)
        return lambda actor, policy: update(actor, policy.id, **{name: getattr(policy, name) for name in fields})

    def _change_channel(self, actor: Actor, channel: Any) -> None:
        names = ("name", "settings", "least_level", "enabled")
        before = next(each for each in self._before.channels if each.id == channel.id)
        given = {name: value for name in names if (value := getattr(channel, name)) != getattr(before, name)}
        if "settings" in given:  # one by one: what is gone is removed by an empty text
            given["settings"] = dict.fromkeys(before.settings, "") | dict(channel.settings)
        self._channels.change(actor, channel.id, **given)

    def _tag(self) -> None:
        old, new = self._before.tags, self._wanted.configuration.tags
        differing = sorted(id_ for id_ in old.keys() | new.keys() if old.get(id_) != new.get(id_))
        for some in chunks(differing, _TAGGED_AT_ONCE):
            servers = self._uow.servers.get_many(some, changed_by=self._actor)
            pairs_of = [(server, replace(server, tags=new.get(server.id, frozenset()))) for server in servers]
            after = still_theirs(self._uow, self._actor, pairs_of)
            changed = [ServerChange(before=was, after=server) for was, server in zip(servers, after, strict=True)]
            store(self._uow, self._actor, self._clock, changed)
