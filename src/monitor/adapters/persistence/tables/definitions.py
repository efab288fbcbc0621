"""What every table is made of."""

from typing import Any

from sqlalchemy import Column, ForeignKey, Integer, MetaData, func

from monitor.adapters.persistence.types import MICROSECONDS, UtcDateTime

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
    """Says how the *tables* are created. Not where they are defined: each option loads its dialect, and a server would
    hold those of both databases, 2 MB, for what only migrations ask."""
    for table in tables.tables.values():
        table.dialect_kwargs.update(table.info)
    return tables


def created_at() -> Column[Any]:
    return Column("created_at", UtcDateTime(), nullable=False, server_default=func.current_timestamp())


def moment(name: str, **options: Any) -> Column[Any]:
    return Column(name, UtcDateTime(MICROSECONDS), **({"nullable": False} | options))


def parent(name: str, target: str, ondelete: str = "CASCADE", **options: Any) -> Column[Any]:
    return Column(name, Integer, ForeignKey(target, ondelete=ondelete), **options)
