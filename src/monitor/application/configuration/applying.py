"""Apply a file: all of it or nothing, each change as if it were made by itself."""

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from monitor.application.alerts.announcing import CancelOpenAlerts
from monitor.application.checks.check_ins import ChangeCheckIn, CreateCheckIn, DeleteCheckIn
from monitor.application.checks.checks import CreateCheck, DeleteCheck, save_changed
from monitor.application.checks.ports import Prober, Schedules
from monitor.application.configuration.current import Edit, ReadConfiguration
from monitor.application.configuration.new_ids import referring
from monitor.application.configuration.one_transaction import Broken, FleetBefore, parts_of
from monitor.application.fleet.dependencies import depend
from monitor.application.fleet.servers import ServerChange, still_theirs, store
from monitor.application.fleet.teams import ChangeTeam, CreateTeam, DeleteTeam
from monitor.application.notifications.channels import ManageChannels
from monitor.application.oncall.escalations import ManageEscalations
from monitor.application.oncall.rotas import ManageRotas
from monitor.application.operations.peers import FollowAlerts
from monitor.application.operations.ports import UnitOfWork
from monitor.application.policies.policies import CreatePolicy, DeletePolicy, UpdatePolicy
from monitor.application.policies.silences import CreateSilence, DeleteSilence, EndSilence
from monitor.application.ports import Secrets
from monitor.application.transactions import chunks, retried
from monitor.domain.accounts.actors import Actor
from monitor.domain.checks.checks import Check
from monitor.domain.configuration.changes import Change, Pair
from monitor.domain.configuration.configuration import ConfigurationChanged
from monitor.domain.configuration.sections import (
    CHANNELS,
    CHECK_INS,
    CHECKS,
    ESCALATIONS,
    POLICIES,
    ROTAS,
    SECTIONS,
    SILENCES,
    TEAMS,
    Section,
)
from monitor.domain.errors import MonitorError, NotBegun, Problem, TransactionConflict, Unavailable
from monitor.domain.fleet.servers import ServerId
from monitor.domain.fleet.teams import EscalationId, TeamId
from monitor.domain.policies.policies import Policy
from monitor.domain.policies.silences import SilenceId

_DELETED_FIRST = (POLICIES, SILENCES, ESCALATIONS, ROTAS, TEAMS, CHANNELS)
_DELETED_LAST = (CHECK_INS, CHECKS)
"""With them go the policies that are for them: some of these may be for others now."""
_UNIQUE_BY_NAME = (TEAMS, ROTAS, ESCALATIONS)
_TAGGED_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class ApplyConfiguration:
    new_uow: Callable[[], UnitOfWork]
    read: ReadConfiguration
    schedules: Schedules
    secrets: Secrets
    prober: Prober
    follow_alerts: FollowAlerts

    @retried
    def __call__(self, actor: Actor, text: str, revision: str) -> list[Change]:
        """Make the configuration that of a file, and return what changed. *revision*: that it was planned for.

        Raises InvalidInput, ConfigurationChanged, and what the changes raise, such as ReauthenticationRequired.
        """
        current = self.read(actor)
        if current.revision != revision:
            raise ConfigurationChanged
        edit = self.read.edit(text, current)
        if edit.wanted.missing:
            raise edit.refused(
                {each.path: Problem("unknown_name", {"name": each.name}) for each in edit.wanted.missing}
            )
        found = edit.changes()
        if not found:
            return []
        self._check_channels(edit)
        try:
            with self.new_uow() as uow:
                _Writing(self, actor, uow, edit).write()
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

    def _check_channels(self, edit: Edit) -> None:
        """Check the settings of channels outside of the transaction: it may take seconds."""
        for before, after in edit.pairs(CHANNELS):
            if after is not None and (before is None or after.settings != before.settings):
                with edit.placed(CHANNELS, after.id):
                    self.read.senders[after.kind].check(after)


_Use = Callable[[Actor, Any], Any]


class _Writing:
    """One transaction. References to new things get the ids that the store gives them."""

    def __init__(self, use: ApplyConfiguration, actor: Actor, uow: UnitOfWork, edit: Edit) -> None:
        self._actor, self._uow, self._edit = actor, uow, edit
        self._ids: dict[int, int] = {}
        self._escalated: list[tuple[TeamId, EscalationId]] = []
        clock, new_uow, secrets, schedules = use.read.clock, parts_of(uow), use.secrets, use.schedules
        self._fleet = fleet = FleetBefore(use.read.fleet.directory, use.read.fleet.live)
        self._alerts = alerts = CancelOpenAlerts(fleet)
        self._clock, self._prober = clock, use.prober
        self._channels = channels = ManageChannels(new_uow, clock, use.read.senders, are_checked=True)
        rotas = ManageRotas(new_uow, clock, fleet)
        escalations = ManageEscalations(new_uow, clock, fleet, are_checked=True)
        self._create: dict[Section, _Use] = {
            CHECKS: CreateCheck(new_uow, clock, secrets, use.prober),
            CHECK_INS: CreateCheckIn(new_uow, schedules, clock, secrets),
            CHANNELS: channels.create,
            TEAMS: CreateTeam(new_uow, clock),
            ROTAS: rotas.create,
            ESCALATIONS: escalations.create,
            POLICIES: CreatePolicy(new_uow, clock),
            SILENCES: CreateSilence(new_uow, clock),
        }
        self._update: dict[Section, _Use] = {
            CHECKS: self._change_check,
            CHECK_INS: ChangeCheckIn(new_uow, schedules, clock),
            CHANNELS: self._change_channel,
            TEAMS: ChangeTeam(new_uow, clock),
            ROTAS: partial(rotas.change, keeps_overrides=True),
            ESCALATIONS: escalations.change,
            POLICIES: self._policy_change(UpdatePolicy(new_uow, clock, fleet)),
        }
        self._delete: dict[Section, _Use] = {
            CHECKS: DeleteCheck(new_uow, clock, alerts),
            CHECK_INS: DeleteCheckIn(new_uow, clock, alerts),
            CHANNELS: channels.delete,
            TEAMS: DeleteTeam(new_uow, clock),
            ROTAS: rotas.delete,
            ESCALATIONS: escalations.delete,
            POLICIES: DeletePolicy(new_uow, clock, fleet),
            SILENCES: partial(_end_silence, EndSilence(new_uow, clock), DeleteSilence(new_uow, clock)),
        }

    def write(self) -> None:
        """Delete first, so that names and scopes are free. Then add: what others refer to comes first."""
        self._remove(_DELETED_FIRST)
        for section in SECTIONS:
            pairs = [pair for pair in self._edit.pairs(section) if pair[1] is not None]
            for before, after in _freed_first(pairs) if section in _UNIQUE_BY_NAME else pairs:
                with self._edit.placed(section, after.id):
                    self._put(section, before, after)
        self._escalate()
        self._remove(_DELETED_LAST)
        self._tag()
        self._depend()

    def _remove(self, sections: Sequence[Section]) -> None:
        for section in sections:
            for before, after in self._edit.pairs(section):
                if after is None:
                    self._delete[section](self._actor, before.id)

    def _put(self, section: Section, before: Any, after: Any) -> None:
        after = referring(after, lambda id_: self._ids.get(id_, id_))
        if section is TEAMS and (after.escalation_id or 0) < 0:  # a new one, which may name this team
            self._escalated.append((after.id, after.escalation_id))
            after = replace(after, escalation_id=None)
        if before is not None:
            self._update[section](self._actor, after)
            return
        stored = self._create[section](self._actor, replace(after, id=0))
        self._ids[after.id] = stored.id

    def _escalate(self) -> None:
        for team_id, escalation_id in self._escalated:
            team = self._uow.teams.get(TeamId(self._ids.get(team_id, team_id)))
            after = replace(team, escalation_id=EscalationId(self._ids[escalation_id]))
            self._update[TEAMS](self._actor, after)

    def _change_check(self, actor: Actor, check: Check) -> None:
        """Update alerts in the database only. Caches follow as after another process's change."""
        uow, now = self._uow, self._clock.now()
        self._prober.verify(check)
        _, asks_otherwise = save_changed(uow, actor, check, now)
        if asks_otherwise and check.id in self._fleet.directory.checks:
            uow.alert_states.delete(uow.alert_states.of_servers([check.id]))
            self._alerts.cancel_of(uow, [check.id], now, "check changed")

    def _policy_change(self, update: UpdatePolicy) -> Callable[[Actor, Policy], Policy]:
        fields = tuple(field.of for field in POLICIES.fields)
        return lambda actor, policy: update(actor, policy.id, **{name: getattr(policy, name) for name in fields})

    def _change_channel(self, actor: Actor, channel: Any) -> None:
        names = ("name", "settings", "least_level", "scope", "enabled")
        before = next(each for each in self._edit.current.configuration.channels if each.id == channel.id)
        given = {name: value for name in names if (value := getattr(channel, name)) != getattr(before, name)}
        if "settings" in given:  # one by one: what is gone is removed by an empty text
            given["settings"] = dict.fromkeys(before.settings, "") | dict(channel.settings)
        self._channels.change(actor, channel.id, **given)

    def _tag(self) -> None:
        old, new = self._edit.current.configuration.tags, self._edit.configuration.tags
        differing = sorted(id_ for id_ in old.keys() | new.keys() if old.get(id_) != new.get(id_))
        for some in chunks(differing, _TAGGED_AT_ONCE):
            servers = self._uow.servers.get_many(some, changed_by=self._actor)
            tagged = [(server, replace(server, tags=new.get(server.id, frozenset()))) for server in servers]
            after = still_theirs(self._uow, self._actor, tagged)
            changed = [ServerChange(before=was, after=server) for was, server in zip(servers, after, strict=True)]
            store(self._uow, self._actor, self._clock, changed)

    def _depend(self) -> None:
        """Last: new checks have their ids, and what is deleted is gone."""
        old, new = self._edit.current.configuration.depends_on, self._edit.configuration.depends_on
        wanted = {
            ServerId(self._ids.get(each, each)): {ServerId(self._ids.get(id_, id_)) for id_ in new.get(each, ())}
            for each in sorted(old.keys() | new.keys())
            if old.get(each) != new.get(each)
        }
        depend(self._uow, self._actor, self._clock.now(), wanted)


def _freed_first(pairs: Sequence[Pair]) -> list[Pair]:
    """Return *pairs* so that a name is given up before another thing takes it."""
    becomes = {before.key: after.key for before, after in pairs if before is not None and before.key != after.key}

    def waits_for(pair: Pair) -> int:
        key, count = pair[1].key, 0
        while key in becomes and count < len(becomes):
            key, count = becomes[key], count + 1
        return count

    return sorted(pairs, key=waits_for)


def _end_silence(end: EndSilence, delete: DeleteSilence, actor: Actor, silence_id: SilenceId) -> None:
    """Let samples of its time that come late notify nobody; what has not begun is deleted."""
    try:
        end(actor, silence_id)
    except NotBegun:
        delete(actor, silence_id)
