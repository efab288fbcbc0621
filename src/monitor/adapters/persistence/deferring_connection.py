"""PyMySQL's connection, which need not be waited for; see `deferred_answers`."""

from collections.abc import Iterator, Sequence
from contextlib import suppress
from typing import Any

import pymysql
from pymysql.connections import Connection
from pymysql.constants import CLIENT, COMMAND

from monitor.adapters.persistence.deferred_answers import Answer, Check, read
from monitor.adapters.persistence.mysql_errors import of_mysql

_Driver: Any = Connection  # whose stubs leave out what is its own


class DeferringConnection(_Driver):  # type: ignore[misc]  # see above
    """At most one message is under way: servers, and proxies before them, need not know anything of this."""

    _check: Check | None = None
    """Of what is under way."""
    _error: Exception | None = None
    """Of what was under way, for whom SQLAlchemy calls next: it knows what is to be done about the connection then."""

    def __init__(self, *, client_flag: int = 0, **settings: Any) -> None:
        super().__init__(client_flag=client_flag | CLIENT.MULTI_STATEMENTS, **settings)

    def send(self, statements: Sequence[str], check: Check) -> None:
        try:
            self._settle()
            super()._execute_command(COMMAND.COM_QUERY, ";".join(statements))
            self._check = check
        except Exception as error:
            self._error = error

    def commit(self) -> None:
        try:
            self._settle()
        except BaseException:
            # SQLAlchemy takes a transaction for ended once its commit has failed, and would hand it to the next one.
            with suppress(pymysql.err.Error):
                super().rollback()
            raise
        super().commit()

    def rollback(self) -> None:
        with suppress(Exception):  # what failed is undone as well
            self._settle()
        super().rollback()

    def _execute_command(self, command: int, sql: Any) -> None:
        """Through which PyMySQL sends all that it sends."""
        self._settle()
        super()._execute_command(command, sql)

    def _settle(self) -> None:
        check, error, self._check, self._error = self._check, self._error, None, None
        if error is not None:
            raise error
        if check is None:
            return
        answers = self._answers()
        try:
            check(answers)
        except Exception:
            with suppress(Exception):  # one is enough
                read(answers)
            raise
        read(answers)

    def _answers(self) -> Iterator[Answer]:
        while True:
            try:
                self._read_query_result()
            except pymysql.err.IntegrityError as error:  # what *check* may know the meaning of
                raise of_mysql(error) or error from error
            yield self._result
            if not self._result.has_next:
                return
