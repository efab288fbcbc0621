"""Mails about changes of accounts that wait to be sent."""

from datetime import datetime

from sqlalchemy import ColumnElement, delete, insert, select, update

from monitor.adapters.persistence.engine.repositories import SqlRepository
from monitor.adapters.persistence.engine.statements import columns_of, cut_to_fit, entity_of
from monitor.adapters.persistence.tables.accounts import account_mails as t
from monitor.application.accounts.ports import AccountMails
from monitor.domain.accounts.account_mails import AccountEvent, AccountMail

_LONGEST_ERROR = 10_000
_FREE = {"leased_until": None, "holder": None}
_AT_ONCE = 10
"""More than there are processes that may claim the same mails at the same moment."""
_IS_KNOWN = t.c.event.in_([event.value for event in AccountEvent])
"""Others are left to processes of a later version."""


class SqlAccountMails(SqlRepository, AccountMails):
    def add(self, mail: AccountMail) -> None:
        shown = {name: cut_to_fit(getattr(mail, name), t.c[name]) for name in ("name", "changed_by", "address")}
        own = {"event": mail.event.value, "not_before": mail.not_before or mail.at}
        self._connection.execute(insert(t).values(columns_of(mail) | shown | own))

    def claim(self, now: datetime, *, leased_until: datetime, holder: str) -> AccountMail | None:
        due = select(t.c.id).where(t.c.not_before <= now, _is_free(now), _IS_KNOWN)
        # Chosen without locks, then leased one by one: nobody who adds a mail waits, and no two get the same.
        for mail_id in self._connection.scalars(due.order_by(t.c.not_before, t.c.id).limit(_AT_ONCE)).all():
            lease = update(t).where(t.c.id == mail_id, _is_free(now))
            if self._connection.execute(lease.values(leased_until=leased_until, holder=holder)).rowcount:
                row = self._connection.execute(select(t).where(t.c.id == mail_id)).one()
                return entity_of(AccountMail, row, event=AccountEvent(row.event))
        return None

    def holds(self, holder: str, mail_id: int) -> bool:
        held = select(t.c.id).where(t.c.id == mail_id, t.c.holder == holder).with_for_update()
        return self._connection.execute(held).first() is not None

    def put_off(self, mail: AccountMail) -> None:
        error = mail.last_error[:_LONGEST_ERROR]
        changed = {"attempts": mail.attempts, "not_before": mail.not_before, "last_error": error}
        self._connection.execute(update(t).where(t.c.id == mail.id).values(changed | _FREE))

    def delete(self, mail_id: int) -> None:
        self._connection.execute(delete(t).where(t.c.id == mail_id))

    def delete_before(self, at: datetime) -> int:
        return self._connection.execute(delete(t).where(t.c.at < at)).rowcount

    def free(self, holder: str) -> None:
        self._connection.execute(update(t).where(t.c.holder == holder).values(_FREE))


def _is_free(now: datetime) -> ColumnElement[bool]:
    return t.c.leased_until.is_(None) | (t.c.leased_until <= now)
