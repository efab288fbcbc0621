"""Limits on guesses of passwords, and quotas of one user.

Guesses are counted in the database, so that a restart forgets none.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from math import ceil

from monitor.application.accounts.credentials import KnownDevice
from monitor.application.accounts.ports import UnitOfWork
from monitor.application.ports import Clock
from monitor.application.transactions import retried
from monitor.domain.accounts.actors import Actor, SessionId, UserId
from monitor.domain.accounts.limits import (
    WINDOW,
    Guess,
    GuessKind,
    Quota,
    Quotas,
    client_network,
    wait_of_account,
    wait_of_source,
)
from monitor.domain.errors import QuotaReached, TooManyAtOnce, TooManyAttempts

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

    @retried
    def _counted(self, guess: Guess) -> int:
        now = self.clock.now()
        since = now - WINDOW
        with self.new_uow() as uow:
            attempts = uow.login_attempts
            wait = wait_of_source(attempts.of_source(guess.kind, guess.source, since), now)
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
