"""PyMySQL's connection, which need not be waited for; see `deferred_answers`."""

from collections.abc import Iterator, Sequence
from contextlib import suppress
from itertools import islice
from typing import Any

import pymysql
from pymysql.connections import Connection
from pymysql.constants import CLIENT, COMMAND

from monitor.adapters.persistence.deferred_answers import Answer, Check, read
from monitor.adapters.persistence.mysql_errors import of_mysql

_LARGE = 16_000
"""Characters that are worth a message of their own: there is something else to do while the server is busy."""
_Driver: Any = Connection  # whose stubs leave out what is its own


class DeferringConnection(_Driver):  # type: ignore[misc]  # see above
    """At most one message is under way: servers, and proxies before them, need not know anything of this."""

    def __init__(self, *, client_flag: int = 0, **settings: Any) -> None:
        self._held: list[tuple[Sequence[str], Check]] = []
        self._size = 0
        self._under_way: list[tuple[Sequence[str], Check]] = []
        self._error: Exception | None = None
        super().__init__(client_flag=client_flag | CLIENT.MULTI_STATEMENTS, **settings)

    def send(self, statements: Sequence[str], check: Check) -> None:
        self._held.append((statements, check))
        self._size += sum(map(len, statements))
        if self._size > _LARGE:
            try:
                self._send()
            except Exception as error:  # for SQLAlchemy, in whose next call it is raised: it looks after connections
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
        self._held.clear()
        with suppress(Exception):  # what failed is undone as well
            self._settle()
        super().rollback()

    def _execute_command(self, command: int, sql: Any) -> None:
        """Through which PyMySQL sends all that it sends."""
        self._settle()
        super()._execute_command(command, sql)

    def _settle(self) -> None:
        """Nothing is held or under way then. Raises what went wrong."""
        if self._held:
            self._send()
        self._read()

    def _send(self) -> None:
        held, self._held, self._size = self._held, [], 0
        self._read()
        super()._execute_command(COMMAND.COM_QUERY, ";".join(each for statements, _ in held for each in statements))
        self._under_way = held

    def _read(self) -> None:
        under_way, error, self._under_way, self._error = self._under_way, self._error, [], None
        if error is not None:
            raise error
        answers = self._answers() if under_way else iter(())
        try:
            for statements, check in under_way:
                own = islice(answers, len(statements))
                check(own)
                read(own)
        except Exception:
            with suppress(Exception):  # one is enough
                read(answers)
            raise

    def _answers(self) -> Iterator[Answer]:
        while True:
            try:
                self._read_query_result()
            except pymysql.err.IntegrityError as error:  # what a check may know the meaning of
                raise of_mysql(error) or error from error
            yield self._result
            if not self._result.has_next:
                return
