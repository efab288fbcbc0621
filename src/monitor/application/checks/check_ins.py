"""Create, change, delete, pause and resume check-ins. Administrators only."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from hashlib import sha256
from uuid import UUID

from monitor.application.checks.checks import host_name, unused_address
from monitor.application.checks.ports import Schedules, UnitOfWork
from monitor.application.fleet.ports import OpenAlerts
from monitor.application.ports import Clock, Secrets
from monitor.application.transactions import retried
from monitor.domain.accounts.actors import Actor
from monitor.domain.accounts.audit import changes, created_values, deleted_values, entry, values_of
from monitor.domain.checks.check_ins import MOST_CHECK_INS, CheckIn, TooManyCheckIns
from monitor.domain.fleet.servers import ServerId

NewUow = Callable[[], UnitOfWork]


@dataclass(frozen=True, slots=True)
class CreateCheckIn:
    new_uow: NewUow
    schedules: Schedules
    clock: Clock
    secrets: Secrets
    most: int = MOST_CHECK_INS

    @retried
    def __call__(self, actor: Actor, check_in: CheckIn) -> CheckIn:
        """Store a new one, with a secret of its own. Raises Forbidden, InvalidInput, TooManyCheckIns."""
        actor.must_be_admin()
        now = self.clock.now()
        check_in = replace(check_in, created_at=now.replace(microsecond=0), ping_key=_new_key(self.secrets))
        self.schedules.next_due(check_in)(now)  # raises if it never comes
        with self.new_uow() as uow:
            if uow.check_ins.count() >= self.most:
                raise TooManyCheckIns
            detail = created_values(_audit_details(uow, actor, check_in))
            server = uow.servers.add(check_in.as_server(unused_address(self.secrets)))
            check_in = replace(check_in, id=server.id)
            uow.check_ins.add(check_in)
            uow.audit.add(entry(actor, now, "check_in.create", check_in.name, detail))
            uow.commit()
        return check_in


@dataclass(frozen=True, slots=True)
class ChangeCheckIn:
    new_uow: NewUow
    schedules: Schedules
    clock: Clock

    @retried
    def __call__(self, actor: Actor, wanted: CheckIn) -> CheckIn:
        """Replace name, server and timetable. Raises Forbidden, NotFound, InvalidInput."""
        actor.must_be_admin()
        now, next_due = self.clock.now(), self.schedules.next_due(wanted)
        next_due(now)  # raises if it never comes
        with self.new_uow() as uow:
            before = uow.check_ins.get(wanted.id)
            after = before.changed(wanted, next_due, now)
            if after != before:
                detail = changes(_audit_details(uow, actor, before), _audit_details(uow, actor, after))
                uow.check_ins.save([after])
                uow.check_ins.rename(after)
                uow.audit.add(entry(actor, now, "check_in.update", after.name, detail))
                uow.commit()
        return after


@dataclass(frozen=True, slots=True)
class DeleteCheckIn:
    new_uow: NewUow
    clock: Clock
    alerts: OpenAlerts

    @retried
    def __call__(self, actor: Actor, check_in_id: ServerId) -> None:
        """Delete it with its pings and history, and cancel its open alerts. Raises Forbidden, NotFound."""
        actor.must_be_admin()
        with self.new_uow() as uow:
            check_in, now = uow.check_ins.get(check_in_id), self.clock.now()
            self.alerts.cancel_of(uow, [check_in_id], now)
            detail = deleted_values(_audit_details(uow, actor, check_in))
            uow.audit.add(entry(actor, now, "check_in.delete", check_in.name, detail))
            uow.servers.delete([check_in_id])
            uow.commit()


@dataclass(frozen=True, slots=True)
class PauseCheckIn:
    """Pause or resume a check-in. A paused one is never missed; its alert is cancelled within a second."""

    new_uow: NewUow
    clock: Clock

    def pause(self, actor: Actor, check_in_id: ServerId) -> CheckIn:
        """Raises Forbidden, NotFound."""
        return self._change(actor, check_in_id, "check_in.pause", CheckIn.paused)

    def resume(self, actor: Actor, check_in_id: ServerId) -> CheckIn:
        """Raises Forbidden, NotFound."""
        return self._change(actor, check_in_id, "check_in.resume", CheckIn.resumed)

    @retried
    def _change(
        self, actor: Actor, check_in_id: ServerId, action: str, change: Callable[[CheckIn], CheckIn]
    ) -> CheckIn:
        actor.must_be_admin()
        with self.new_uow() as uow:
            before = uow.check_ins.get(check_in_id)
            after = change(before)
            if after.state is not before.state:
                uow.check_ins.save([after])
                detail = changes({"state": before.state}, {"state": after.state})
                uow.audit.add(entry(actor, self.clock.now(), action, after.name, detail))
                uow.commit()
        return after


def _new_key(secrets: Secrets) -> str:
    return str(UUID(bytes=sha256(secrets.token().encode()).digest()[:16], version=4))


def _audit_details(uow: UnitOfWork, actor: Actor, check_in: CheckIn) -> dict[str, object]:
    """Raises InvalidInput if its host does not exist."""
    return {
        **values_of(check_in, "name", "period", "schedule", "timezone", "grace"),
        "timezone": check_in.timezone if check_in.schedule is not None else None,
        "server": host_name(uow, actor, check_in.host_id),
    }
