"""Mails about changes of accounts that wait to be sent."""

from sqlalchemy import insert

from monitor.adapters.persistence.engine.repositories import SqlRepository
from monitor.adapters.persistence.engine.statements import columns_of
from monitor.adapters.persistence.tables.accounts import account_mails as t
from monitor.application.accounts.ports import AccountMails
from monitor.domain.accounts.account_mails import AccountMail


class SqlAccountMails(SqlRepository, AccountMails):
    def add(self, mail: AccountMail) -> None:
        self._connection.execute(insert(t).values(columns_of(mail) | {"not_before": mail.not_before or mail.at}))
