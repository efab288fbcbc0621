"""Sends mails about changes of accounts: at least once, and twice only if the process dies before it stores that."""

import hashlib
import logging
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial

from monitor.application.notifications.delivery import ClaimLost
from monitor.application.notifications.mail_settings import MailInForce
from monitor.application.notifications.ports import UnitOfWork
from monitor.application.notifications.sender_ports import AccountNotice, Mailer, SendResult, SendStatus
from monitor.application.ports import Clock
from monitor.application.transactions import retried
from monitor.domain.accounts.account_mails import AccountMail
from monitor.domain.accounts.audit import AuditEntry
from monitor.domain.notifications.outbox import LEASE, next_attempt

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class SendAccountMails:
    """Send all that are due, one after the other, on a thread that does nothing else. A mail that could not be sent is
    tried again like a notification."""

    new_uow: Callable[[], UnitOfWork]
    clock: Clock
    mailer: Mailer
    holder: str
    in_force: MailInForce

    def __call__(self) -> None:
        """Do nothing without a mail server; `TidyUp` then drops the mails after a day. Raises StorageUnavailable."""
        while self.mailer.is_configured and (mail := self._claim()) is not None:
            notice = AccountNotice(
                message_id=_message_id(mail),
                mail=mail,
                sent_at=self.clock.now(),
                link=f"{base_url}/profile" if (base_url := self.in_force.base_url) else None,
                confirm=partial(self._confirm, mail.id),
            )
            try:
                self._store_result(mail, self.mailer.send_notice(notice))
            except ClaimLost:
                continue

    @retried
    def _claim(self) -> AccountMail | None:
        now = self.clock.now()
        with self.new_uow() as uow:
            mail = uow.account_mails.claim(now, leased_until=now + LEASE, holder=self.holder)
            if mail is not None:  # so that others can find this process dead
                uow.heartbeats.beat(self.holder)
                uow.commit()
        return mail

    @retried
    def _confirm(self, mail_id: int) -> None:
        """Raises ClaimLost if this process may no longer send. The heartbeat in the same transaction keeps others from
        finding this process dead meanwhile."""
        with self.new_uow() as uow:
            uow.heartbeats.beat(self.holder)
            if not uow.account_mails.holds(self.holder, mail_id):
                raise ClaimLost("another process may send it")
            uow.commit()

    def _store_result(self, mail: AccountMail, result: SendResult) -> None:
        now = self.clock.now()
        retry_at = next_attempt(mail.at, mail.attempts, now)
        if result.status is SendStatus.SENT:
            self._end(mail)
        elif result.status is SendStatus.RETRY and retry_at is not None:
            self._put_off(replace(mail, attempts=mail.attempts + 1, not_before=retry_at, last_error=result.error))
        else:
            detail = f"{mail.event}: {result.error}"
            self._end(mail, AuditEntry(at=now, action="account_mail.give_up", target=mail.username, detail=detail))
            log.warning("a mail about a change of an account could not be sent: %s", result.error)

    @retried
    def _put_off(self, mail: AccountMail) -> None:
        with self.new_uow() as uow:
            uow.account_mails.put_off(mail)
            uow.commit()

    @retried
    def _end(self, mail: AccountMail, *entries: AuditEntry) -> None:
        with self.new_uow() as uow:
            uow.account_mails.delete(mail.id)
            uow.audit.add(*entries)
            uow.commit()


def _message_id(mail: AccountMail) -> str:
    """Return an id that includes the time: another installation has the same ids."""
    return hashlib.sha256(f"account:{mail.id}@{mail.at.isoformat()}".encode()).hexdigest()[:32]
