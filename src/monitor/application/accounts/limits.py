"""Limits on guesses of passwords, quotas of one user, and refused attempts in the audit log."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from math import ceil
from threading import Lock

from monitor.application.accounts.credentials import KnownDevice
from monitor.application.accounts.ports import UnitOfWork
from monitor.application.ports import Clock
from monitor.application.transactions import retried
from monitor.domain.accounts.actors import Actor, SessionId, UserId
from monitor.domain.accounts.audit import AuditEntry
from monitor.domain.accounts.errors import QuotaReached, TooManyAtOnce, TooManyAttempts
from monitor.domain.accounts.limits import (
    BEGINNINGS,
    FAILURES,
    WINDOW,
    Guess,
    GuessKind,
    Quota,
    Quotas,
    client_network,
    wait_of_account,
    wait_of_source,
)
from monitor.domain.errors import MonitorError

_LONGEST_KEY = 150


@dataclass(frozen=True, slots=True)
class LoginLimits:
    """10 failures in 15 minutes per network, device or session; an account is slowed down and never locked.

    Each method counts the attempt as failed until `LoginAttempts.forgive`, so that parallel attempts count too, and
    returns its id. Each raises TooManyAttempts.
    """

    new_uow: Callable[[], UnitOfWork]
    clock: Clock

    def attempt(self, account: str, address: str) -> int:
        """Count a log-in from an unknown device."""
        guess = Guess(
            kind=GuessKind.LOGIN, account=account[:_LONGEST_KEY], source=client_network(address)[:_LONGEST_KEY]
        )
        return self._counted(guess)

    def attempt_on_device(self, device: KnownDevice) -> int:
        """Count a log-in from a known device. Guesses from other places don't count here."""
        guess = Guess(kind=GuessKind.DEVICE, account=str(device.user_id), source=device.id)
        return self._counted(guess)

    def attempt_to_change(self, user_id: UserId, session_id: SessionId | None) -> int:
        """Count the old password of a password change."""
        guess = Guess(kind=GuessKind.PASSWORD_CHANGE, account=str(user_id), source=session_id or "")
        return self._counted(guess)

    def begin(self, address: str, kind: GuessKind) -> int:
        """Count a log-in elsewhere (BEGINNING) or with a PASSKEY that an unknown client begins."""
        guess = Guess(kind=kind, account="", source=client_network(address)[:_LONGEST_KEY])
        return self._counted(guess, at_most=BEGINNINGS)

    @retried
    def _counted(self, guess: Guess, at_most: int = FAILURES) -> int:
        now = self.clock.now()
        since = now - WINDOW
        with self.new_uow() as uow:
            attempts = uow.login_attempts
            wait = wait_of_source(attempts.of_source(guess.kind, guess.source, since), now, at_most)
            if guess.kind is GuessKind.LOGIN:
                wait = max(wait, wait_of_account(attempts.of_account(guess.kind, guess.account, since), now))
            if wait > timedelta():
                raise TooManyAttempts(ceil(wait.total_seconds()))
            attempt_id = attempts.add(guess, now)
            uow.commit()
        return attempt_id


def room(uow: UnitOfWork, quotas: Quotas, actor: Actor, what: Quota) -> int | None:
    """Return how many more the *actor* may create in this transaction; None: no limit."""
    limit = quotas.limit(what)
    if limit is None or actor.is_admin:
        return None
    return max(0, limit - uow.creators.count(actor.user_id, what))


def check_room(uow: UnitOfWork, quotas: Quotas, actor: Actor, what: Quota, more: int = 1) -> None:
    """Raises QuotaReached if *more* are too many."""
    left = room(uow, quotas, actor, what)
    if left is not None and more > left:
        raise QuotaReached(what, quotas.limit(what) or 0)


def check_at_once(quotas: Quotas, what: Quota, going_on: int) -> None:
    """Raises TooManyAtOnce if no further one may start."""
    limit = quotas.limit(what)
    if limit is not None and going_on >= limit:
        raise TooManyAtOnce(what, limit)


PAUSE = timedelta(minutes=1)
MOST = 20
"""Different attempts of one action in a minute. The others share one row without names."""
_UNTIMED = datetime.min.replace(tzinfo=UTC)


@dataclass(slots=True)
class _Count:
    due: datetime
    times: int = 0


class Refusals:
    """Write at most one row a minute for equal attempts (action, target, actor or address, detail), with their number.

    `note` only counts, and any thread may call it. Calling the object writes the rows that are due: the first attempt
    of a kind at once, those of the next minute together. A crash loses at most a minute of counts.
    """

    def __init__(self, new_uow: Callable[[], UnitOfWork], clock: Clock) -> None:
        self._new_uow = new_uow
        self._clock = clock
        self._counts: dict[AuditEntry, _Count] = {}
        self._lock = Lock()

    def note(self, attempt: AuditEntry) -> None:
        now, key = self._clock.now(), replace(attempt, at=_UNTIMED)
        with self._lock:
            if key not in self._counts and sum(other.action == key.action for other in self._counts) >= MOST:
                key = AuditEntry(at=_UNTIMED, action=key.action, detail="others")
            self._counts.setdefault(key, _Count(now)).times += 1

    def __call__(self, *, all_of_them: bool = False) -> None:
        """Write the rows that are due; with *all_of_them* all rows. Raises StorageUnavailable and keeps the counts."""
        now = self._clock.now()
        with self._lock:
            due = {key: count for key, count in self._counts.items() if all_of_them or count.due <= now}
            taken = {key: count.times for key, count in due.items() if count.times}
            for key, count in due.items():
                if count.times:
                    count.due, count.times = now + PAUSE, 0
                else:
                    del self._counts[key]
        if not taken:
            return
        try:
            self._write(taken, now)
        except MonitorError:
            with self._lock:
                for key, times in taken.items():
                    self._counts.setdefault(key, _Count(now)).times += times
                    self._counts[key].due = now
            raise

    @retried
    def _write(self, taken: dict[AuditEntry, int], now: datetime) -> None:
        with self._new_uow() as uow:
            for key, times in taken.items():
                detail = [part for part in (key.detail, f"{times} times" if times > 1 else "") if part]
                uow.audit.add(replace(key, at=now, detail=", ".join(detail)))
            uow.commit()
