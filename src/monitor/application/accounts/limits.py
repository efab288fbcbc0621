"""Limits on guesses of passwords, and quotas of one user."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil

from monitor.application.accounts.credentials import KnownDevice
from monitor.application.accounts.ports import NewUow, UnitOfWork
from monitor.application.ports import Clock
from monitor.application.transactions import retried
from monitor.domain.accounts.actors import Actor, SessionId, UserId
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

_LONGEST_KEY = 150


@dataclass(frozen=True, slots=True)
class LoginLimits:
    """10 failures in 15 minutes per network, device or session; an account is slowed down and never locked.

    Each method counts the attempt as failed until `LoginAttempts.forgive`, so that parallel attempts count too, and
    returns its id. Each raises TooManyAttempts.
    """

    new_uow: NewUow
    clock: Clock

    def attempt(self, account: str, address: str) -> int:
        """Count a log-in from an unknown device."""
        return self._counted(GuessKind.LOGIN, account, client_network(address))

    def attempt_on_device(self, device: KnownDevice) -> int:
        """Count a log-in from a known device. Guesses from other places don't count here."""
        return self._counted(GuessKind.DEVICE, str(device.user_id), device.id)

    def attempt_to_change(self, user_id: UserId, session_id: SessionId | None) -> int:
        """Count a guess of somebody logged in: an old password, a new proof, or a code when a factor is changed."""
        return self._counted(GuessKind.PASSWORD_CHANGE, str(user_id), session_id or "")

    def begin(self, address: str, kind: GuessKind) -> int:
        """Count a log-in elsewhere (BEGINNING) or with a PASSKEY that an unknown client begins."""
        return self._counted(kind, "", client_network(address), at_most=BEGINNINGS)

    @retried
    def _counted(self, kind: GuessKind, account: str, source: str, at_most: int = FAILURES) -> int:
        guess = Guess(kind=kind, account=account[:_LONGEST_KEY], source=source[:_LONGEST_KEY])
        with self.new_uow() as uow:
            attempt = count_guess(uow, guess, self.clock.now(), at_most)
            uow.commit()
        return attempt


def count_guess(uow: UnitOfWork, guess: Guess, now: datetime, at_most: int) -> int:
    """Store the guess and return its id. Raises TooManyAttempts if it must wait: nothing is stored then."""
    attempts, since = uow.login_attempts, now - WINDOW
    wait = wait_of_source(attempts.of_source(guess.kind, guess.source, since), now, at_most)
    if guess.kind is GuessKind.LOGIN:
        wait = max(wait, wait_of_account(attempts.of_account(guess.kind, guess.account, since), now))
    if wait > timedelta():
        raise TooManyAttempts(ceil(wait.total_seconds()))
    return attempts.add(guess, now)


def room(uow: UnitOfWork, quotas: Quotas, actor: Actor, what: Quota, now: datetime) -> int | None:
    """Return how many more the *actor* may create in this transaction; None: no limit."""
    limit = quotas.limit(what)
    if limit is None or actor.is_admin:
        return None
    return max(0, limit - uow.creators.count(actor.user_id, what, now))


def check_room(uow: UnitOfWork, quotas: Quotas, actor: Actor, what: Quota, now: datetime, more: int = 1) -> None:
    """Raises QuotaReached if *more* are too many."""
    left = room(uow, quotas, actor, what, now)
    if left is not None and more > left:
        raise QuotaReached(what, quotas.limit(what) or 0)


def check_at_once(quotas: Quotas, what: Quota, going_on: int) -> None:
    """Raises TooManyAtOnce if no further one may start."""
    limit = quotas.limit(what)
    if limit is not None and going_on >= limit:
        raise TooManyAtOnce(what, limit)
