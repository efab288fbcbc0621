from datetime import datetime

from sqlalchemy import ColumnElement, Connection, delete, select

from monitor.adapters.persistence.inserted import insert_row
from monitor.adapters.persistence.row_locks import locked_row
from monitor.adapters.persistence.tables import login_attempts as t
from monitor.application.ports.login_attempts import LoginAttempts
from monitor.domain.guesses import Guess, GuessKind

_ROW_LOCK = "login-attempts"


class SqlLoginAttempts(LoginAttempts):
    """Who looks at the attempts of an account or a source goes on to add one: from the look to the end of the
    transaction nobody else may, or a hundred guesses at once would all see none before them."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, guess: Guess, at: datetime) -> int:
        row = {"kind": guess.kind.value, "account": guess.account, "source": guess.source, "at": at}
        return insert_row(self._connection, t, row)

    def forgive(self, attempt_id: int) -> None:
        self._connection.execute(delete(t).where(t.c.id == attempt_id))

    def of_account(self, kind: GuessKind, account: str, since: datetime) -> list[datetime]:
        return self._times((t.c.kind == kind.value) & (t.c.account == account), since)

    def of_source(self, kind: GuessKind, source: str, since: datetime) -> list[datetime]:
        return self._times((t.c.kind == kind.value) & (t.c.source == source), since)

    def delete_before(self, at: datetime) -> None:
        self._connection.execute(delete(t).where(t.c.at < at))

    def _times(self, condition: ColumnElement[bool], since: datetime) -> list[datetime]:
        locked_row(self._connection, _ROW_LOCK)
        return list(self._connection.scalars(select(t.c.at).where(condition, t.c.at >= since).order_by(t.c.at)))
