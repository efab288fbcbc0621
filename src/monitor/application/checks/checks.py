"""Create, change and delete checks. Administrators only."""

import hashlib
from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from datetime import datetime
from ipaddress import IPv6Address

from monitor.application.alerts.evaluation import Alerting
from monitor.application.alerts.state_cache import Evaluation
from monitor.application.checks.ports import UnitOfWork
from monitor.application.fleet.dependencies import Parent, depend_on
from monitor.application.fleet.fleet import Fleet
from monitor.application.fleet.ports import OpenAlerts
from monitor.application.ports import Clock, Secrets
from monitor.application.transactions import retried
from monitor.domain.accounts.actors import Actor
from monitor.domain.accounts.audit import changes, created_values, deleted_values, entry, values_of
from monitor.domain.checks.checks import MOST_CHECKS, Check, StoredCheck, TooManyChecks
from monitor.domain.checks.kinds import Expectation
from monitor.domain.checks.targets import without_password
from monitor.domain.errors import InvalidInput, NotFound, Problem
from monitor.domain.fleet.servers import ServerId

NewUow = Callable[[], UnitOfWork]
_DISCARD_ONLY = 0x100 << 112
"""100::/64 (RFC 6666): no host has an address of it."""


def unused_address(secrets: Secrets) -> str:
    """Return a random address that no host has."""
    drawn = hashlib.sha256(secrets.token().encode()).digest()[:8]
    return str(IPv6Address(_DISCARD_ONLY | int.from_bytes(drawn)))


def host_name(uow: UnitOfWork, actor: Actor, host_id: ServerId | None) -> str | None:
    """Return the name of the server that a check or check-in belongs to, locked. Raises InvalidInput without one."""
    if host_id is None:
        return None
    try:
        return uow.servers.get(host_id, changed_by=actor).name
    except NotFound:
        raise InvalidInput({"server_id": Problem("unknown_servers", {"ids": host_id})}) from None


@dataclass(frozen=True, slots=True)
class CreateCheck:
    new_uow: NewUow
    clock: Clock
    secrets: Secrets

    @retried
    def __call__(self, actor: Actor, check: Check, depends_on: Collection[Parent] = ()) -> StoredCheck:
        """Store a new one, which runs at once. *check*: with any time of creation.

        Raises Forbidden, TooManyChecks, InvalidInput.
        """
        actor.must_be_admin()
        now = self.clock.now()
        with self.new_uow() as uow:
            if uow.checks.count() >= MOST_CHECKS:
                raise TooManyChecks
            check = replace(check, created_at=now.replace(microsecond=0))
            details = _audit_details(uow, actor, check)
            check = uow.checks.add(check, unused_address(self.secrets), due_at=now)
            uow.audit.add(entry(actor, now, "check.create", check.name, created_values(details)))
            if depends_on:
                depend_on(uow, actor, now, check.id, depends_on)
            uow.commit()
        return StoredCheck(check=check, due_at=now)


@dataclass(frozen=True, slots=True)
class ChangeCheck:
    new_uow: NewUow
    fleet: Fleet
    alerting: Alerting
    clock: Clock

    @retried
    def __call__(self, actor: Actor, check: Check, depends_on: Collection[Parent] | None = None) -> Check:
        """Replace the check with the same id, and run it at once. *depends_on*: None leaves it as it is.

        If it asks for something else, its alerts are cancelled: an alert about a certificate would never end if the new
        target has none.

        Raises Forbidden, InvalidInput, NotFound.
        """
        actor.must_be_admin()
        self.fleet.poll()  # another process may have just made it
        now, evaluation = self.clock.now(), Evaluation()
        with self.fleet.writing:
            try:
                with self.new_uow() as uow:
                    after, asks_otherwise = save_changed(uow, actor, check, now)
                    if depends_on is not None:
                        depend_on(uow, actor, now, check.id, depends_on)
                    server = self.fleet.directory.checks.get(check.id)
                    if asks_otherwise and server is not None:
                        evaluation = self.alerting.begin_anew(uow, server, now, "check changed")
                    uow.commit()
                self.alerting.states.apply(evaluation)
            except Exception:
                self.alerting.states.forget()
                raise
        return after


def save_changed(uow: UnitOfWork, actor: Actor, check: Check, now: datetime) -> tuple[Check, bool]:
    """Replace the check with the same id. Return it, and whether it asks for something else.

    Raises InvalidInput, NotFound.
    """
    stored = uow.checks.get(check.id)
    before, after = stored.check, replace(check, created_at=stored.check.created_at)
    if after != before:
        detail = changes(_audit_details(uow, actor, before), _audit_details(uow, actor, after))
        uow.checks.save(stored.changed(after, now))
        # Without a visible difference it is the password in its URL.
        uow.audit.add(entry(actor, now, "check.update", after.name, detail or "target changed"))
    return after, not after.asks_like(before)


@dataclass(frozen=True, slots=True)
class DeleteCheck:
    """Delete a check and cancel its open alerts, which notifies recipients already notified."""

    new_uow: NewUow
    clock: Clock
    alerts: OpenAlerts

    @retried
    def __call__(self, actor: Actor, check_id: ServerId) -> None:
        """Delete also its history. Raises Forbidden, NotFound."""
        actor.must_be_admin()
        now = self.clock.now()
        with self.new_uow() as uow:
            check = uow.checks.get(check_id).check
            detail = deleted_values(_audit_details(uow, actor, check))
            self.alerts.cancel_of(uow, [check_id], now, "check deleted")
            uow.audit.add(entry(actor, now, "check.delete", check.name, detail))
            uow.servers.delete([check_id])
            uow.commit()


def _audit_details(uow: UnitOfWork, actor: Actor, check: Check) -> dict[str, object]:
    """Raises InvalidInput if its host does not exist."""
    return {
        **values_of(check, "name", "kind", "target", "interval", "timeout", "attempts"),
        "kind": check.kind.name,
        "target": without_password(check.target),
        "server": host_name(uow, actor, check.host_id),
        **{f"expect.{name}": value for name, value in values_of(check.expect, *Expectation.__slots__).items()},
    }
