"""Create, change, pause and delete checks. Administrators only."""

import hashlib
from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from datetime import datetime
from ipaddress import IPv6Address

from monitor.application.alerts.evaluating.alerting import Alerting
from monitor.application.alerts.evaluating.state_cache import Evaluation
from monitor.application.checks.ports import Prober, UnitOfWork
from monitor.application.fleet.dependencies import Parent, depend_on
from monitor.application.fleet.fleet import Fleet
from monitor.application.fleet.ports import OpenAlerts
from monitor.application.ports import Clock, Secrets
from monitor.application.transactions import retried
from monitor.domain.accounts.actors import Actor
from monitor.domain.accounts.audit import changes, created_values, deleted_values, entry, values_of
from monitor.domain.checks.checks import MOST_CHECKS, Check, StoredCheck, TooManyChecks
from monitor.domain.checks.kinds import Expectation
from monitor.domain.checks.requests import Request
from monitor.domain.checks.targets import MASK, without_password
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
    prober: Prober

    @retried
    def __call__(self, actor: Actor, check: Check, depends_on: Collection[Parent] = ()) -> StoredCheck:
        """Store a new one, which runs at once. *check*: with any time of creation.

        Raises Forbidden, TooManyChecks, InvalidInput.
        """
        actor.must_be_admin()
        self.prober.verify(check := check.with_secrets_of(None))
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
    prober: Prober

    @retried
    def __call__(self, actor: Actor, check: Check, depends_on: Collection[Parent] | None = None) -> Check:
        """Replace the check with the same id, and run it at once, unless it is paused. *depends_on*: None leaves it as
        it is.

        If it asks for something else, its alerts are cancelled: an alert about a certificate would never end if the new
        target has none.

        Raises Forbidden, InvalidInput, NotFound.
        """
        actor.must_be_admin()
        self.prober.verify(check)
        now = self.clock.now()

        def work(uow: UnitOfWork) -> tuple[Check, str | None]:
            after, asks_otherwise = save_changed(uow, actor, check, now)
            if depends_on is not None:
                depend_on(uow, actor, now, check.id, depends_on)
            return after, "check changed" if asks_otherwise else None

        return self._written(work, now)

    def pause(self, actor: Actor, check_id: ServerId, *, paused: bool) -> Check:
        """Pause or resume a check. A paused one has no alerts: they are cancelled. Raises Forbidden, NotFound."""
        actor.must_be_admin()
        return self._pause(actor, check_id, paused)

    @retried
    def _pause(self, actor: Actor, check_id: ServerId, paused: bool) -> Check:
        now = self.clock.now()

        def work(uow: UnitOfWork) -> tuple[Check, str | None]:
            stored = uow.checks.get(check_id)
            if stored.check.paused is paused:
                return stored.check, None
            after = stored.with_pause(now, paused=paused)
            uow.checks.save(after)
            detail = changes({"state": stored.state}, {"state": after.state})
            uow.audit.add(entry(actor, now, "check.pause" if paused else "check.resume", stored.check.name, detail))
            return after.check, "check paused" if paused else None

        return self._written(work, now)

    def _written(self, work: Callable[[UnitOfWork], tuple[Check, str | None]], now: datetime) -> Check:
        """Do *work* in a transaction, and cancel the alerts of the check that it returns if it says why."""
        self.fleet.poll()  # another process may have just made it
        evaluation = Evaluation()
        with self.fleet.writing:
            try:
                with self.new_uow() as uow:
                    after, why = work(uow)
                    server = self.fleet.directory.checks.get(after.id)
                    if why is not None and server is not None:
                        evaluation = self.alerting.begin_anew(uow, server, now, why)
                    uow.commit()
                self.alerting.states.apply(evaluation)
            except Exception:
                self.alerting.states.forget()
                raise
        return after


def save_changed(uow: UnitOfWork, actor: Actor, check: Check, now: datetime) -> tuple[Check, bool]:
    """Replace the check with the same id, paused or not as it is. Return it, and whether it asks for something else.

    Raises InvalidInput, NotFound.
    """
    stored = uow.checks.get(check.id)
    before, check = stored.check, check.with_secrets_of(stored.check)
    after = replace(check, created_at=before.created_at, paused=before.paused)
    if after != before:
        detail = changes(_audit_details(uow, actor, before), _audit_details(uow, actor, after))
        uow.checks.save(stored.changed(after, now))
        # Without a visible difference it is the password in its URL, or a secret header.
        uow.audit.add(entry(actor, now, "check.update", after.name, detail or "secret changed"))
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
        **{f"request.{name}": value for name, value in _request_details(check.request).items()},
    }


def _request_details(request: Request) -> dict[str, object]:
    headers = [f"{each.name}: {MASK if each.secret else each.value}" for each in request.headers]
    return {
        "method": request.method,
        "headers": headers or None,
        "body": _digest(request.body),
        "redirects": request.redirects,
        "ca": _digest(request.ca),
    }


def _digest(text: str | None) -> str | None:
    """Return what tells a text from others without showing it."""
    return None if text is None else f"sha256 {hashlib.sha256(text.encode()).hexdigest()[:12]}"
