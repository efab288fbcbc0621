"""Watches the store: whether it may have lost what it acknowledged, and whether samples can be stored."""

import hashlib
import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from monitor.application.alerts.evaluating.alerting import Alerting
from monitor.application.fleet.fleet import Fleet
from monitor.application.intake.queue import CurrentEpoch, IntakeQueue
from monitor.application.notifications.sender_ports import AccountNotice, Mailer, SendStatus
from monitor.application.operations.ports import UnitOfWork
from monitor.application.ports import Clock, Secrets
from monitor.application.transactions import retried
from monitor.domain.accounts.account_mails import AccountEvent, AccountMail
from monitor.domain.accounts.actors import Role
from monitor.domain.accounts.users import User
from monitor.domain.errors import StorageUnavailable
from monitor.domain.intake.epochs import Watch

log = logging.getLogger(__name__)

PATIENCE = timedelta(minutes=1)
"""Shorter failures, and shorter times without one, are not notified of. A failed mail is sent again after it."""


@dataclass(slots=True)
class WatchEpoch:
    """Watch whether the store may have lost what it acknowledged. See decision 34.

    Run every one or two seconds, by one thread. Raises StorageUnavailable, TransactionConflict.

    *intake_server*: which database server, or file, the process's samples go to; see `Store.intake_server`.
    *reconnect*: see `Store.reconnect`.
    """

    new_uow: Callable[[], UnitOfWork]
    intake_server: Callable[[], str]
    secrets: Secrets
    current: CurrentEpoch
    fleet: Fleet
    alerting: Alerting
    reconnect: Callable[[], None]
    watch: Watch = field(default_factory=Watch)

    def __call__(self) -> None:
        before, watch = self.watch, self._look()
        if watch.seen is None:
            return
        if self.current.text != watch.seen.epoch:
            self.reconnect()  # first: nothing is acknowledged in this epoch by a connection from before
        self.watch = watch
        self.current.text = watch.seen.epoch
        if self.watch.doubts(before):
            text = "the database may have lost what it acknowledged last: agents send the last %d s again"
            self.current.begun += 1
            log.warning(text, self.current.durable_after.total_seconds())
            # Servers, keys and alert states in memory may be gone from the database too.
            self.fleet.doubt()
            with self.fleet.writing:
                self.alerting.states.forget([*self.fleet.live])

    @retried
    def _look(self) -> Watch:
        intake_server = self.intake_server()  # before the transaction: it may close the connections to a replaced file
        with self.new_uow() as uow:
            found = uow.epochs.get()
            watch, mark = self.watch.look(found, (intake_server, uow.epochs.server()), self.secrets.token())
            if mark is not None:
                uow.epochs.put(mark)
                uow.commit()
        return watch


@dataclass(slots=True)
class WatchStoring:
    """Mail administrators when samples cannot be stored, without the database: its disk may be full.

    Run every few seconds. Mails go to the administrators that this process knows. *host*: this machine.

    Each process notifies of itself: without the database none knows what another one has sent.
    """

    queue: IntakeQueue
    fleet: Fleet
    mailer: Mailer
    clock: Clock
    host: str
    is_failing: bool = False
    since: datetime | None = None
    notified: set[str] = field(default_factory=set)
    """Addresses that know of the failure, and not yet of its end."""
    _not_before: datetime | None = None

    def __call__(self) -> None:
        """Raises StorageUnavailable while samples cannot be stored: the worker logs it."""
        error, now = self.queue.failure, self.clock.now()
        if self.since is None or self.is_failing is not (error is not None):
            self.is_failing, self.since, self._not_before = error is not None, now, now + PATIENCE
        if self._not_before is not None and now >= self._not_before:
            self._not_before = now + PATIENCE
            self._notify("" if error is None else str(error), now, self.since)
        if error is not None:
            self.queue.try_again()
            raise StorageUnavailable(f"samples are refused since {self.since:%Y-%m-%d %H:%M:%S} UTC: {error}")

    def _notify(self, error: str, now: datetime, since: datetime) -> None:
        event = AccountEvent.STORING_FAILS if self.is_failing else AccountEvent.STORING_WORKS
        if not self.mailer.is_configured:
            return
        for user in list(self.fleet.directory.users.values()):
            if user.role is not Role.ADMIN or user.email is None or (user.email in self.notified) is self.is_failing:
                continue
            result = self.mailer.send_notice(self._notice(user, user.email, event, error, now, since))
            if result.status is SendStatus.SENT and self.is_failing:
                self.notified.add(user.email)
            elif result.status is not SendStatus.RETRY:
                self.notified.discard(user.email)

    def _notice(
        self, user: User, address: str, event: AccountEvent, error: str, now: datetime, since: datetime
    ) -> AccountNotice:
        locale = user.locale or self.fleet.directory.preferences.default_locale
        mail = server_mail(user, address, locale, event, error, self.host, since)
        named = f"{event}:{self.host}:{since.isoformat()}:{address}"
        return AccountNotice(message_id=hashlib.sha256(named.encode()).hexdigest()[:32], mail=mail, sent_at=now)


def server_mail(
    user: User, email: str, locale: str, event: AccountEvent, error: str, host: str, since: datetime
) -> AccountMail:
    """Return a mail to an administrator about *host*, the server's machine."""
    named: dict[str, Any] = {"user_id": user.id, "username": user.username, "email": email, "locale": locale}
    return AccountMail(**named, event=event, name=error, changed_by="", address=host, at=since)
