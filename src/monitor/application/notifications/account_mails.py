"""Sends mails about changes of accounts: at least once, and twice only if the process dies before it stores that. What
is about turns on call goes by a way of the person's own."""

import hashlib
import logging
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import partial
from types import MappingProxyType

from monitor.application.notifications.channels import Senders, send
from monitor.application.notifications.delivery import ClaimLost
from monitor.application.notifications.mail_settings import MailInForce
from monitor.application.notifications.ports import UnitOfWork
from monitor.application.notifications.recipients import way_of_notices
from monitor.application.notifications.sender_ports import AccountNotice, Mailer, Message, SendResult, SendStatus
from monitor.application.notifications.ways import channel_of, direct_ways, note_result
from monitor.application.ports import Clock
from monitor.application.transactions import retried
from monitor.domain.accounts.account_mails import ABOUT_TURNS, AccountMail
from monitor.domain.accounts.audit import AuditEntry
from monitor.domain.accounts.users import User
from monitor.domain.notifications.outbox import LEASE, next_attempt
from monitor.domain.oncall.ways import MAIL, Way

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
    senders: Senders = field(default_factory=lambda: MappingProxyType({}))

    def __call__(self) -> None:
        """Without a mail server send only what goes by other ways; `TidyUp` then drops the mails after a day. Raises
        StorageUnavailable."""
        can_send = self.mailer.is_configured or bool(direct_ways(self.in_force.fleet.directory))
        while can_send and (mail := self._claim()) is not None:
            by = self._way(mail)
            if by is None and not self.mailer.is_configured:
                self._put_off(replace(mail, not_before=self.clock.now() + LEASE))
                continue
            try:
                self._store_result(mail, self._send(mail, by), by)
            except ClaimLost:
                continue

    def _way(self, mail: AccountMail) -> tuple[Way, User] | None:
        """Return a person's way and the person; None: the mailbox."""
        if mail.event not in ABOUT_TURNS:
            return None
        fleet = self.in_force.fleet
        fleet.refresh()
        user = fleet.directory.users.get(mail.user_id)
        way = None if user is None else way_of_notices(fleet.directory, user)
        return None if way is None or user is None or way.kind == MAIL else (way, user)

    def _send(self, mail: AccountMail, by: tuple[Way, User] | None) -> SendResult:
        message_id, sent_at, confirm = _message_id(mail), self.clock.now(), partial(self._confirm, mail.id)
        if by is None:
            link = f"{base_url}/profile" if (base_url := self.in_force.base_url) else None
            return self.mailer.send_notice(
                AccountNotice(message_id=message_id, mail=mail, sent_at=sent_at, link=link, confirm=confirm)
            )
        locale = by[0].settings.get("locale") or mail.locale
        message = Message(message_id=message_id, sent_at=sent_at, confirm=confirm, locale=locale, items=(), notice=mail)
        return send(self.senders, channel_of(*by), message)

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

    def _store_result(self, mail: AccountMail, result: SendResult, by: tuple[Way, User] | None) -> None:
        """A way that refuses it for good is noted as failed; if the person has another one, that is next."""
        now = self.clock.now()
        if by is not None:
            self._note(by[0], result)
            if result.status is SendStatus.REFUSED and self._has_another(mail, by[0]):
                self._put_off(replace(mail, attempts=mail.attempts + 1, not_before=now, last_error=result.error))
                return
        retry_at = next_attempt(mail.at, mail.attempts, now)
        if result.status is SendStatus.SENT:
            self._end(mail)
        elif result.status is SendStatus.RETRY and retry_at is not None:
            self._put_off(replace(mail, attempts=mail.attempts + 1, not_before=retry_at, last_error=result.error))
        else:
            detail = f"{mail.event}: {result.error}"
            self._end(mail, AuditEntry(at=now, action="account_mail.give_up", target=mail.username, detail=detail))
            log.warning("a mail about a change of an account could not be sent: %s", result.error)

    def _has_another(self, mail: AccountMail, refused: Way) -> bool:
        by = self._way(mail)
        return mail.email != "" if by is None else by[0].id != refused.id and not by[0].failed

    @retried
    def _note(self, way: Way, result: SendResult) -> None:
        with self.new_uow() as uow:
            note_result(uow, way, result)
            uow.commit()

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
