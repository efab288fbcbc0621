"""What a database's errors mean to the core. Nothing of SQLAlchemy's or a driver's leaves this package for a fault that
can happen to correct code; a mistake in our SQL stays what it is."""

from sqlalchemy import Engine, event
from sqlalchemy.engine import ExceptionContext

from monitor.adapters.persistence.errors import DOOMED
from monitor.domain.errors import MonitorError


def translated(error: BaseException) -> MonitorError | None:
    """None for what is nobody's fault but ours."""
    # Imported here: the other database's driver need not be loaded.
    match type(error).__module__.partition(".")[0]:
        case "sqlite3":
            from monitor.adapters.persistence.sqlite_errors import of_sqlite

            return of_sqlite(error)
        case "pymysql":
            from monitor.adapters.persistence.mysql_errors import of_mysql

            return of_mysql(error)
    return None


def translate_errors_of(engine: Engine) -> None:
    """From now on *engine* raises the core's errors, and marks the connection's transaction as spoilt."""

    @event.listens_for(engine, "handle_error")
    def translate(context: ExceptionContext) -> None:
        original = context.original_exception
        error = original if isinstance(original, MonitorError) else translated(original)
        if error is None:
            return
        if context.connection is not None and not context.connection.invalidated:
            context.connection.info[DOOMED] = error
        if error is not original:
            raise error from original
