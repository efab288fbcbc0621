"""Create and delete silences, also by the link in a message."""

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, fields, replace
from datetime import datetime, timedelta
from functools import partial

from monitor.application.accounts.limits import check_room
from monitor.application.alerts.links import OpenLink
from monitor.application.alerts.ports import UnitOfWork
from monitor.application.fleet.batches import check_changeable
from monitor.application.fleet.fleet import Fleet
from monitor.application.fleet.visibility import VisibleFleet
from monitor.application.policies.policies import check_may_change, scope_text, written
from monitor.application.ports import Clock
from monitor.application.transactions import in_chunks, retried
from monitor.domain.accounts.actors import Actor
from monitor.domain.accounts.audit import changes, created_values, deleted_values, entry
from monitor.domain.accounts.limits import UNLIMITED, Quota, Quotas
from monitor.domain.fleet.servers import ServerId
from monitor.domain.policies.policies import Scope
from monitor.domain.policies.silences import Silence, SilenceId

NewUow = Callable[[], UnitOfWork]
BY_LINK = timedelta(hours=2)
_NOT_AUDITED = ("scope", "created_at", "created_by", "readable", "id")


def visible_silences(visible: VisibleFleet) -> Sequence[Silence]:
    """Return the silences that cover a visible server, in id order; all for administrators."""
    silences = visible.directory.rules.silences
    if visible.actor.is_admin:
        return silences.all
    return silences.reaching(watched) if (watched := visible.all) else ()


@dataclass(frozen=True, slots=True)
class CreateSilence:
    new_uow: NewUow
    clock: Clock
    quotas: Quotas = UNLIMITED

    @retried
    def __call__(self, actor: Actor, silence: Silence) -> Silence:
        """Raises Forbidden, QuotaReached, NotFound."""
        with self.new_uow() as uow:
            check_room(uow, self.quotas, actor, Quota.SILENCES, self.clock.now())
            check_may_change(uow, actor, silence.scope)
            [silence] = add_silences(uow, actor, self.clock.now(), [silence])
            uow.commit()
        return silence


def add_silences(uow: UnitOfWork, actor: Actor, now: datetime, silences: Iterable[Silence]) -> list[Silence]:
    """Store new ones, each with an audit entry."""
    added = [uow.silences.add(replace(each, created_by=actor.user_id, created_at=now)) for each in silences]
    details = [(scope_text(each.scope), created_values(_audit_details(each))) for each in added]
    uow.audit.add(*(entry(actor, now, "silence.create", *each) for each in details))
    return added


@dataclass(frozen=True, slots=True)
class SilenceServers:
    """Create one silence for each of many servers, in small transactions."""

    new_uow: NewUow
    clock: Clock
    quotas: Quotas = UNLIMITED

    def __call__(self, actor: Actor, server_ids: Collection[ServerId], silence: Silence) -> int:
        """Return how many were created. Raises QuotaReached, and as `check_changeable`; then none is created."""
        wanted = sorted(set(server_ids))
        self._check_room(actor, len(wanted))
        check_changeable(self.new_uow, actor, wanted)
        in_chunks(wanted, partial(self._step, actor, silence), partial(self._undo, actor))
        return len(wanted)

    @retried
    def _check_room(self, actor: Actor, more: int) -> None:
        with self.new_uow() as uow:
            check_room(uow, self.quotas, actor, Quota.SILENCES, self.clock.now(), more)

    @retried
    def _step(self, actor: Actor, silence: Silence, server_ids: Sequence[ServerId]) -> list[Silence]:
        now = self.clock.now()
        silence = replace(silence, created_by=actor.user_id, created_at=now)
        with self.new_uow() as uow:
            check_room(uow, self.quotas, actor, Quota.SILENCES, now, len(server_ids))
            servers = uow.servers.get_many(server_ids, changed_by=actor)
            added = [uow.silences.add(replace(silence, scope=Scope(server_id=server.id))) for server in servers]
            detail = created_values(_audit_details(silence))
            uow.audit.add(*(entry(actor, now, "silence.create", each.name, detail) for each in servers))
            uow.commit()
        return added

    @retried
    def _undo(self, actor: Actor, added: Sequence[Silence]) -> None:
        now = self.clock.now()
        with self.new_uow() as uow:
            for silence in added:
                uow.silences.delete(silence.id)
            uow.audit.add(*(entry(actor, now, "silence.delete", scope_text(each.scope), "undone") for each in added))
            uow.commit()


@dataclass(frozen=True, slots=True)
class EndSilence:
    """End a silence, which still covers what it covered: samples of that time that come late notify nobody."""

    new_uow: NewUow
    clock: Clock

    @retried
    def __call__(self, actor: Actor, silence_id: SilenceId) -> Silence:
        """Return it; one that is over stays as it is. Raises NotFound, Forbidden, NotBegun."""
        now = self.clock.now()
        with self.new_uow() as uow:
            before = uow.silences.get(silence_id, visible_to=actor)
            check_may_change(uow, actor, before.scope)
            after = before.ended(now)
            if after != before:
                uow.silences.end(silence_id, now)
                detail = changes(_audit_details(before), _audit_details(after))
                uow.audit.add(entry(actor, now, "silence.end", scope_text(after.scope), detail))
                uow.commit()
        return after


@dataclass(frozen=True, slots=True)
class DeleteSilence:
    new_uow: NewUow
    clock: Clock

    @retried
    def __call__(self, actor: Actor, silence_id: SilenceId) -> None:
        """Raises NotFound, Forbidden."""
        with self.new_uow() as uow:
            silence = uow.silences.get(silence_id, visible_to=actor)
            check_may_change(uow, actor, silence.scope)
            uow.silences.delete(silence_id)
            detail = deleted_values(_audit_details(silence))
            uow.audit.add(entry(actor, self.clock.now(), "silence.delete", scope_text(silence.scope), detail))
            uow.commit()


@dataclass(frozen=True, slots=True)
class SilenceByLink:
    """Silence what the link in a message is about for two hours, in the name of its person."""

    new_uow: NewUow
    clock: Clock
    fleet: Fleet
    create_silence: CreateSilence
    open_link: OpenLink

    def __call__(self, token: str, reason: str, address: str | None = None) -> None:
        """Do nothing if the alert has ended or is silenced. Raises NotFound, LinkExpired, Forbidden, QuotaReached."""
        link, now = self.open_link(token, address), self.clock.now()
        with self.new_uow() as uow:
            alert = uow.alerts.get(link.alert_id, changed_by=link.actor)
        directory = self.fleet.visible_to(link.actor).directory
        if not alert.is_open or directory.is_silenced(alert.server_id, alert.metric, now):
            return
        silence = Silence(
            scope=Scope(server_id=alert.server_id),
            metric=alert.metric,
            starts_at=now,
            ends_at=now + BY_LINK,
            reason=reason,
            created_at=now,
        )
        self.create_silence(link.actor, silence)


def _audit_details(silence: Silence) -> dict[str, object]:
    return {
        each.name: written(getattr(silence, each.name)) for each in fields(Silence) if each.name not in _NOT_AUDITED
    }
