"""Column types with equal values on every database, and the parts that all tables share."""

from collections.abc import Callable
from datetime import UTC, datetime
from enum import IntEnum, StrEnum
from typing import Any

from sqlalchemy import (
    Column,
    DateTime,
    Dialect,
    Enum,
    ForeignKey,
    Integer,
    LargeBinary,
    MetaData,
    Numeric,
    Table,
    Text,
    TypeDecorator,
    func,
)
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.schema import SchemaItem
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import TypeEngine

MICROSECONDS = 6


class UtcDateTime(TypeDecorator[datetime]):
    """Aware UTC in Python, naive UTC in the database; whole seconds, or microseconds with *fsp* 6.

    Truncated here, since MySQL rounds and MariaDB truncates. SQLite stores text of fixed width, which sorts by time.
    """

    impl = DateTime
    cache_ok = True

    def __init__(self, fsp: int = 0) -> None:
        super().__init__()
        self.fsp = fsp

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        # Imported here, since a dialect takes 2 MB.
        if dialect.name == "sqlite":
            from sqlalchemy.dialects import sqlite

            text = sqlite.DATETIME(truncate_microseconds=not self.fsp)  # type: ignore[no-untyped-call] # it is untyped
            return dialect.type_descriptor(text)
        from sqlalchemy.dialects import mysql

        return dialect.type_descriptor(mysql.DATETIME(fsp=self.fsp or None))

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise TypeError(f"{value!r} has no time zone")
        naive = value.astimezone(UTC).replace(tzinfo=None)
        return naive if self.fsp else naive.replace(microsecond=0)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        return None if value is None else value.replace(tzinfo=UTC)


class Bytes(TypeDecorator[bytes]):
    """BLOB on SQLite; on MySQL the type *name*, with *length* if given."""

    impl = LargeBinary
    cache_ok = True

    def __init__(self, name: str, length: int | None = None) -> None:
        super().__init__()
        self.name = name
        self.length = length

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        if dialect.name == "sqlite":
            return super().load_dialect_impl(dialect)
        from sqlalchemy.dialects import mysql  # see above

        kind = getattr(mysql, self.name)
        return dialect.type_descriptor(kind(self.length) if self.length else kind())


class Written(TypeDecorator[Any]):
    """Values of the domain in a column of *form*: how each is written, and read."""

    impl = Text
    cache_ok = True

    def __init__(self, form: TypeEngine[Any], write: Callable[[Any], object], read: Callable[[Any], object]) -> None:
        super().__init__()
        self.form, self.write, self.read = form, write, read

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        return dialect.type_descriptor(self.form)

    def process_bind_param(self, value: Any, dialect: Dialect) -> Any:
        return None if value is None else self.write(value)

    def process_result_value(self, value: Any, dialect: Dialect) -> Any:
        return None if value is None else self.read(value)


class current_time(FunctionElement[datetime]):  # noqa: N801 (named like the SQL function)
    """Clock of the database to the microsecond, in the form of `UtcDateTime(6)`."""

    type = DateTime()
    inherit_cache = True


@compiles(current_time)
def _current_time(element: current_time, compiler: SQLCompiler, **_: Any) -> str:
    return f"CURRENT_TIMESTAMP({MICROSECONDS})"


@compiles(current_time, "sqlite")
def _current_time_sqlite(element: current_time, compiler: SQLCompiler, **_: Any) -> str:
    return "(strftime('%Y-%m-%d %H:%M:%f000', 'now'))"  # %f: seconds with milliseconds


def enum_of(values: type[StrEnum], *, check: str | None = None) -> Enum:
    """Return a type for members' values: ENUM on MySQL, else text, which SQLite checks by the constraint *check*."""
    named = {"name": check, "create_constraint": True} if check else {}
    return Enum(values, values_callable=lambda members: [member.value for member in members], **named)


def ranks_of(values: type[IntEnum]) -> Enum:
    """Return the same for members' names in lower case: readable in the table, unlike ranks."""
    return Enum(values, values_callable=lambda members: [member.name.lower() for member in members])


def word_of(values: type[StrEnum]) -> Enum:
    """Return text of up to 16 letters on every database: a new member needs no migration."""
    return Enum(
        values, values_callable=lambda members: [member.value for member in members], native_enum=False, length=16
    )


PERCENT = Numeric(5, 2, asdecimal=False)
DIGEST = Bytes("BINARY", 32)
"""SHA-256 digest."""
BYTES = Bytes("BLOB")
"""Up to 64 kB."""
MEGABYTES = Bytes("MEDIUMBLOB")
"""Up to 16 MB."""


metadata = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    }
)
_FOR_CREATION = {
    f"{dialect}_{option}": value
    for dialect in ("mysql", "mariadb")
    for option, value in {
        "engine": "InnoDB",
        "charset": "utf8mb4",
        "collate": "utf8mb4_bin",
        "row_format": "DYNAMIC",
    }.items()
}
OPTIONS: dict[str, Any] = {"info": _FOR_CREATION}
WITHOUT_REUSE: dict[str, Any] = {"info": {**_FOR_CREATION, "sqlite_autoincrement": True}}


def with_options(tables: MetaData) -> MetaData:
    """Apply the options of creation. Only migrations need them, and they load the dialects of both databases (2 MB)."""
    for table in tables.tables.values():
        table.dialect_kwargs.update(table.info)
    return tables


def table(name: str, *parts: SchemaItem) -> Table:
    """Return a table whose columns and constraints are *parts*."""
    return Table(name, metadata, *parts, **OPTIONS)


def numbered(name: str, *parts: SchemaItem) -> Table:
    """Return a table whose rows have ids besides, none of which is used twice."""
    return Table(name, metadata, Column("id", Integer, primary_key=True), *parts, **WITHOUT_REUSE)


def created_at() -> Column[Any]:
    return Column("created_at", UtcDateTime(), nullable=False, server_default=func.current_timestamp())


def moment(name: str, **options: Any) -> Column[Any]:
    return Column(name, UtcDateTime(MICROSECONDS), **({"nullable": False} | options))


def parent(name: str, target: str, ondelete: str = "CASCADE", **options: Any) -> Column[Any]:
    return Column(name, Integer, ForeignKey(target, ondelete=ondelete), **options)
