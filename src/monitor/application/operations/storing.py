"""Notify administrators that samples cannot be stored, without the database: its disk may be full."""

import hashlib
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from monitor.application.fleet.fleet import Fleet
from monitor.application.intake.queue import IntakeQueue
from monitor.application.notifications.ports import AccountNotice, Mailer, SendStatus
from monitor.application.ports import Clock
from monitor.domain.accounts.account_mails import AccountEvent, AccountMail
from monitor.domain.accounts.actors import Role
from monitor.domain.accounts.users import User
from monitor.domain.errors import StorageUnavailable

PATIENCE = timedelta(minutes=1)
"""Shorter failures, and shorter times without one, are not notified of. A failed mail is sent again after it."""


@dataclass(slots=True)
class WatchStoring:
    """Run every few seconds. Mails go to the administrators that this process knows. *host*: this machine.

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
        mail = AccountMail(
            user_id=user.id,
            username=user.username,
            email=address,
            locale=user.locale or self.fleet.directory.preferences.default_locale,
            event=event,
            name=error,
            changed_by="",
            address=self.host,
            at=since,
        )
        named = f"{event}:{self.host}:{since.isoformat()}:{address}"
        return AccountNotice(message_id=hashlib.sha256(named.encode()).hexdigest()[:32], mail=mail, sent_at=now)
