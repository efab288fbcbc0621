"""Mails to the owner of an account about its changes, in the transaction of the change."""

from datetime import datetime, timedelta
from math import ceil

from monitor.application.accounts.ports import UnitOfWork
from monitor.domain.accounts.account_mails import AccountEvent, account_mail
from monitor.domain.accounts.actors import Actor
from monitor.domain.accounts.errors import TooManyAttempts
from monitor.domain.accounts.limits import ACCOUNT_MAILS, WINDOW, Guess, GuessKind, wait_of_source
from monitor.domain.accounts.users import User

UNLIMITED = {AccountEvent.RECOVERY_CODE_USED, AccountEvent.PASSKEY_CLONED}
"""What log-ins cause, which must go on. It cannot be repeated at will."""


def send_mail(uow: UnitOfWork, user: User, event: AccountEvent, actor: Actor, at: datetime, name: str = "") -> None:
    """Write a mail to the owner, if they have an address. *name*: as in `AccountMail`.

    Raises TooManyAttempts if the owner causes more than ACCOUNT_MAILS: the address may be somebody else's.
    """
    if (mail := account_mail(user, user.locale or uow.users.default_locale(), event, actor, at, name)) is None:
        return
    if actor.user_id == user.id and event not in UNLIMITED:
        _count(uow, user, at)
    uow.account_mails.add(mail)


def _count(uow: UnitOfWork, user: User, at: datetime) -> None:
    guess = Guess(kind=GuessKind.MAIL, account="", source=str(user.id))
    times = uow.login_attempts.of_source(guess.kind, guess.source, at - WINDOW)
    if (wait := wait_of_source(times, at, ACCOUNT_MAILS)) > timedelta():
        raise TooManyAttempts(ceil(wait.total_seconds()))
    uow.login_attempts.add(guess, at)
