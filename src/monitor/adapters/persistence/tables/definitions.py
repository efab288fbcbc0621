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
OPTIONS: dict[str, Any] = {
    f"{dialect}_{option}": value
    for dialect in ("mysql", "mariadb")
    for option, value in {
        "engine": "InnoDB",
        "charset": "utf8mb4",
        "collate": "utf8mb4_bin",
        "row_format": "DYNAMIC",
    }.items()
}
WITHOUT_REUSE: dict[str, Any] = OPTIONS | {"sqlite_autoincrement": True}


def created_at() -> Column[Any]:
    return Column("created_at", UtcDateTime(), nullable=False, server_default=func.current_timestamp())


def moment(name: str, **options: Any) -> Column[Any]:
    return Column(name, UtcDateTime(MICROSECONDS), **({"nullable": False} | options))


def parent(name: str, target: str, ondelete: str = "CASCADE", **options: Any) -> Column[Any]:
    return Column(name, Integer, ForeignKey(target, ondelete=ondelete), **options)
