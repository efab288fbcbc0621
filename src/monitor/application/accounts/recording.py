"""What is recorded: changes of accounts, with a mail to the owner; refused attempts; and exports of the audit log."""

from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime, timedelta
from threading import Lock
from typing import Generic, TypeVar

from monitor.application.accounts.limits import count_guess
from monitor.application.accounts.ports import NewUow, Queries, UnitOfWork
from monitor.application.ports import Clock
from monitor.application.transactions import retried
from monitor.domain.accounts.account_mails import AccountEvent, AccountMail
from monitor.domain.accounts.actors import Actor
from monitor.domain.accounts.audit import AuditEntry, AuditFilter, created_values, entry
from monitor.domain.accounts.limits import ACCOUNT_MAILS, Guess, GuessKind
from monitor.domain.accounts.users import User
from monitor.domain.errors import MonitorError

K = TypeVar("K")
V = TypeVar("V")
UNLIMITED = {AccountEvent.RECOVERY_CODE_USED, AccountEvent.PASSKEY_CLONED}
"""What log-ins cause, which must go on. It cannot be repeated at will."""


def record(
    uow: UnitOfWork,
    actor: Actor,
    user: User,
    event: AccountEvent,
    action: str,
    at: datetime,
    detail: str = "",
    name: str = "",
) -> None:
    """Write the entry of a change of the *user*'s account, and the mail to its owner, see `send_mail`."""
    uow.audit.add(entry(actor, at, action, user.username, detail))
    send_mail(uow, user, event, actor, at, name)


def send_mail(uow: UnitOfWork, user: User, event: AccountEvent, actor: Actor, at: datetime, name: str = "") -> None:
    """Write a mail to the owner, if they have an address. *name*: as in `AccountMail`.

    Raises TooManyAttempts if the owner causes more than ACCOUNT_MAILS: the address may be somebody else's.
    """
    if user.email is None:
        return
    if actor.user_id == user.id and event not in UNLIMITED:
        count_guess(uow, Guess(kind=GuessKind.MAIL, account="", source=str(user.id)), at, ACCOUNT_MAILS)
    mail = AccountMail(
        user_id=user.id,
        username=user.username,
        email=user.email,
        locale=user.locale or uow.users.default_locale(),
        event=event,
        name=name,
        changed_by=actor.username,
        address=actor.address or "",
        at=at,
    )
    uow.account_mails.add(mail)


PAUSE = timedelta(minutes=1)


@dataclass(slots=True)
class _Held(Generic[V]):
    due: datetime
    value: V | None = None


class Deferred(ABC, Generic[K, V]):
    """Write at most one value a minute for each key: the first soon, later ones together after a minute.

    Noting only remembers, and any thread may do it. Calling the object writes what is due. A crash loses at most a
    minute.
    """

    def __init__(self, new_uow: NewUow, clock: Clock) -> None:
        self._new_uow = new_uow
        self._clock = clock
        self._held: dict[K, _Held[V]] = {}
        self._lock = Lock()

    def __call__(self, *, all_of_them: bool = False) -> None:
        """Write what is due; with *all_of_them* everything. Raises StorageUnavailable and keeps it."""
        now = self._clock.now()
        with self._lock:
            due = {key: held.value for key, held in self._held.items() if all_of_them or held.due <= now}
            values = {key: value for key, value in due.items() if value is not None}
            self._held = {key: held for key, held in self._held.items() if key not in due}
            self._held |= {key: _Held(now + PAUSE) for key in values}
        if not values:
            return
        try:
            self._write(values, now)
        except MonitorError:
            with self._lock:
                for key, value in values.items():
                    self._remember(key, value)
                    self._held[key].due = now
            raise

    def _remember(self, key: K, value: V) -> None:
        """The caller holds the lock."""
        held = self._held.setdefault(key, _Held(self._clock.now()))
        held.value = value if held.value is None else self._as_one(held.value, value)

    @abstractmethod
    def _as_one(self, one: V, other: V) -> V: ...

    @abstractmethod
    def _write(self, values: dict[K, V], now: datetime) -> None: ...


MOST = 20
"""Different attempts of one action in a minute. The others share one row without names."""
_UNTIMED = datetime.min.replace(tzinfo=UTC)


class Refusals(Deferred[AuditEntry, int]):
    """Refused attempts. Equal ones (action, target, actor or address, detail) share a row, with their number."""

    def note(self, attempt: AuditEntry) -> None:
        key = replace(attempt, at=_UNTIMED)
        with self._lock:
            if key not in self._held and sum(other.action == key.action for other in self._held) >= MOST:
                key = AuditEntry(at=_UNTIMED, action=key.action, detail="others")
            self._remember(key, 1)

    def note_log_in(self, address: str, detail: str, target: str = "", action: str = "session.login_failed") -> None:
        """*target*: the name of a known account."""
        self.note(AuditEntry(at=_UNTIMED, action=action, target=target, detail=detail, address=address))

    def note_proof(self, actor: Actor, detail: str) -> None:
        """Note that a logged-in user failed to prove who they are."""
        self.note(entry(actor, _UNTIMED, "session.reauthenticate_failed", actor.username, detail))

    def _as_one(self, one: int, other: int) -> int:
        return one + other

    @retried
    def _write(self, values: dict[AuditEntry, int], now: datetime) -> None:
        with self._new_uow() as uow:
            for key, times in values.items():
                detail = [part for part in (key.detail, f"{times} times" if times > 1 else "") if part]
                uow.audit.add(replace(key, at=now, detail=", ".join(detail)))
            uow.commit()


BATCH = 1000
Batch = Sequence[AuditEntry]


@dataclass(frozen=True, slots=True)
class ExportAudit:
    """The audit log as a file. It may have millions of entries, so they are read in batches."""

    new_uow: NewUow
    queries: Queries
    clock: Clock

    def __call__(self, actor: Actor, wanted: AuditFilter, file_format: str) -> Iterator[Batch]:
        """Record the export in the log, and return batches of what was there before, the newest first.

        Each batch is a transaction of its own, so that no other one waits for the reader. Raises Forbidden.
        """
        first = self.queries.audit.newest(actor, wanted, limit=BATCH)
        self._record(actor, wanted, file_format)
        return self._batches(actor, wanted, first)

    def _batches(self, actor: Actor, wanted: AuditFilter, batch: Batch) -> Iterator[Batch]:
        while batch:
            yield batch
            last = batch[-1]
            batch = self.queries.audit.newest(actor, wanted, before=(last.at, last.id), limit=BATCH)

    @retried
    def _record(self, actor: Actor, wanted: AuditFilter, file_format: str) -> None:
        with self.new_uow() as uow:
            detail = created_values({"format": file_format, **asdict(wanted)})
            uow.audit.add(entry(actor, self.clock.now(), "audit.export", detail=detail))
            uow.commit()
