"""Mails about changes of accounts in memory."""

from dataclasses import replace
from datetime import datetime

from monitor.adapters.memory.database import MemoryRepository
from monitor.adapters.memory.state import Claim
from monitor.application.accounts.ports.account_mails import AccountMails
from monitor.domain.accounts.account_mails import AccountMail


class MemoryAccountMails(MemoryRepository, AccountMails):
    def add(self, mail: AccountMail) -> None:
        mail_id = self._draft.next_id("account_mails")
        self._draft.account_mails[mail_id] = replace(mail, id=mail_id, not_before=_due_at(mail))

    def claim(self, now: datetime, *, leased_until: datetime, holder: str) -> AccountMail | None:
        waiting = sorted(self._draft.account_mails.values(), key=lambda mail: (_due_at(mail), mail.id))
        for mail in waiting:
            if _due_at(mail) <= now and not self._is_leased(mail.id, now):
                self._draft.account_mail_leases[mail.id] = Claim(holder=holder, leased_until=leased_until)
                return mail
        return None

    def holds(self, holder: str, mail_id: int) -> bool:
        claim = self._draft.account_mail_leases.get(mail_id)
        return claim is not None and claim.holder == holder

    def put_off(self, mail: AccountMail) -> None:
        if (stored := self._draft.account_mails.get(mail.id)) is not None:
            self._draft.account_mails[mail.id] = replace(
                stored, attempts=mail.attempts, not_before=mail.not_before, last_error=mail.last_error
            )
            self._draft.account_mail_leases.pop(mail.id, None)

    def delete(self, mail_id: int) -> None:
        self._draft.account_mails.pop(mail_id, None)
        self._draft.account_mail_leases.pop(mail_id, None)

    def delete_before(self, at: datetime) -> int:
        gone = [mail.id for mail in self._draft.account_mails.values() if mail.at < at]
        for mail_id in gone:
            self.delete(mail_id)
        return len(gone)

    def free(self, holder: str) -> None:
        self._draft.account_mail_leases.remove(lambda _, claim: claim.holder == holder)

    def _is_leased(self, mail_id: int, now: datetime) -> bool:
        claim = self._draft.account_mail_leases.get(mail_id)
        return claim is not None and now < claim.leased_until


def _due_at(mail: AccountMail) -> datetime:
    return mail.not_before or mail.at
