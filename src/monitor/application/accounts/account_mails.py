"""Mails to the owner of an account about its changes, in the transaction of the change."""

from datetime import datetime

from monitor.application.accounts.ports.unit_of_work import UnitOfWork
from monitor.domain.accounts.account_mails import AccountEvent, account_mail
from monitor.domain.accounts.actors import Actor
from monitor.domain.accounts.users import User


def send_mail(uow: UnitOfWork, user: User, event: AccountEvent, actor: Actor, at: datetime, name: str = "") -> None:
    """Write a mail to the owner, if they have an address. *name*: as in `AccountMail`."""
    if (mail := account_mail(user, event, actor, at, name)) is not None:
        uow.account_mails.add(mail)
