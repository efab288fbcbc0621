"""The audit log, and the mails about changes of accounts that wait to be sent."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, delete, func, insert, or_, select, update

from monitor.adapters.persistence.engine.repositories import SqlReader, SqlRepository
from monitor.adapters.persistence.engine.statements import columns_of, cut_to_fit, entity_of
from monitor.adapters.persistence.tables.accounts import account_mails as mails
from monitor.adapters.persistence.tables.operations import audit_log as t
from monitor.application.accounts.ports import AccountMails, Audit, AuditPlace, AuditQueries
from monitor.domain.accounts.account_mails import AccountEvent, AccountMail
from monitor.domain.accounts.actors import Actor
from monitor.domain.accounts.audit import EVERYTHING, AuditEntry, AuditFilter

_LONGEST_DETAIL = 10_000


class SqlAudit(SqlRepository, Audit):
    """The audit log. A text that is too long for its column is cut, so that the entry is stored in any case."""

    def add(self, *entries: AuditEntry) -> None:
        if entries:
            self._connection.execute(insert(t), [_to_row(entry) for entry in entries])

    def oldest(self) -> datetime | None:
        return self._connection.scalars(select(t.c.at).order_by(t.c.at).limit(1)).one_or_none()

    def delete_before(self, moment: datetime, limit: int) -> int:
        old = select(t.c.id).where(t.c.at < moment).order_by(t.c.at, t.c.id).limit(limit)
        ids = list(self._connection.scalars(old))
        if ids:
            self._connection.execute(delete(t).where(t.c.id.in_(ids)))
        return len(ids)


def _to_row(entry: AuditEntry) -> dict[str, Any]:
    return columns_of(entry) | {
        "action": cut_to_fit(entry.action, t.c.action),
        "target": cut_to_fit(entry.target, t.c.target),
        "detail": entry.detail[:_LONGEST_DETAIL],
        "username": cut_to_fit(entry.username, t.c.username),
        "address": None if entry.address is None else cut_to_fit(entry.address, t.c.address),
    }


class SqlAuditQueries(SqlReader, AuditQueries):
    def newest(
        self, actor: Actor, wanted: AuditFilter = EVERYTHING, *, before: AuditPlace | None = None, limit: int
    ) -> list[AuditEntry]:
        actor.must_be_admin()
        found = select(t).where(*_conditions(wanted)).order_by(t.c.at.desc(), t.c.id.desc()).limit(limit)
        if before is not None:
            at, entry_id = before
            # Written so that the database begins to read at this time.
            found = found.where(t.c.at <= at, (t.c.at < at) | (t.c.id < entry_id))
        return [entity_of(AuditEntry, row) for row in self._rows(found)]


def _conditions(wanted: AuditFilter) -> Iterator[ColumnElement[bool]]:
    for column, value in ((t.c.user_id, wanted.user_id), (t.c.username, wanted.username), (t.c.target, wanted.target)):
        if value is not None:
            yield column == value
    if wanted.action is not None:
        is_whole = "." in wanted.action
        yield t.c.action == wanted.action if is_whole else t.c.action.startswith(f"{wanted.action}.", autoescape=True)
    if wanted.since is not None:
        yield t.c.at >= wanted.since
    if wanted.until is not None:
        yield t.c.at < wanted.until
    if wanted.text:
        yield or_(*(_contains(column, wanted.text) for column in (t.c.target, t.c.detail, t.c.username, t.c.address)))


def _contains(column: ColumnElement[str], text: str) -> ColumnElement[bool]:
    # Databases disagree on the case of letters beyond ASCII: as it is written, it is always found.
    lowered = func.lower(column).contains(text.lower(), autoescape=True)
    return column.contains(text, autoescape=True) | lowered


_LONGEST_ERROR = 10_000
_FREE = {"leased_until": None, "holder": None}
_AT_ONCE = 10
"""More than there are processes that may claim the same mails at the same moment."""
_IS_KNOWN = mails.c.event.in_([event.value for event in AccountEvent])
"""Others are left to processes of a later version."""


class SqlAccountMails(SqlRepository, AccountMails):
    def add(self, mail: AccountMail) -> None:
        shown = {name: cut_to_fit(getattr(mail, name), mails.c[name]) for name in ("name", "changed_by", "address")}
        own = {"event": mail.event.value, "not_before": mail.not_before or mail.at}
        self._connection.execute(insert(mails).values(columns_of(mail) | shown | own))

    def claim(self, now: datetime, *, leased_until: datetime, holder: str) -> AccountMail | None:
        due = select(mails.c.id).where(mails.c.not_before <= now, _is_free(now), _IS_KNOWN)
        # Chosen without locks, then leased one by one: nobody who adds a mail waits, and no two get the same.
        for mail_id in self._connection.scalars(due.order_by(mails.c.not_before, mails.c.id).limit(_AT_ONCE)).all():
            lease = update(mails).where(mails.c.id == mail_id, _is_free(now))
            if self._connection.execute(lease.values(leased_until=leased_until, holder=holder)).rowcount:
                row = self._connection.execute(select(mails).where(mails.c.id == mail_id)).one()
                return entity_of(AccountMail, row, event=AccountEvent(row.event))
        return None

    def holds(self, holder: str, mail_id: int) -> bool:
        held = select(mails.c.id).where(mails.c.id == mail_id, mails.c.holder == holder).with_for_update()
        return self._connection.execute(held).first() is not None

    def put_off(self, mail: AccountMail) -> None:
        error = mail.last_error[:_LONGEST_ERROR]
        changed = {"attempts": mail.attempts, "not_before": mail.not_before, "last_error": error}
        self._connection.execute(update(mails).where(mails.c.id == mail.id).values(changed | _FREE))

    def delete(self, mail_id: int) -> None:
        self._connection.execute(delete(mails).where(mails.c.id == mail_id))

    def delete_before(self, at: datetime) -> int:
        return self._connection.execute(delete(mails).where(mails.c.at < at)).rowcount

    def free(self, holder: str) -> None:
        self._connection.execute(update(mails).where(mails.c.holder == holder).values(_FREE))


def _is_free(now: datetime) -> ColumnElement[bool]:
    return mails.c.leased_until.is_(None) | (mails.c.leased_until <= now)
