"""What the steps of migrations ask for and do with rows. For changes of tables they have alembic's operations."""

from sqlalchemy import Connection, inspect, text


def has_column(connection: Connection, table: str, column: str) -> bool:
    """Return whether it is there: it is not, if an interrupted run of the same step has dropped it."""
    return column in {each["name"] for each in inspect(connection).get_columns(table)}


def delete_rows(connection: Connection, table: str, where: str) -> None:
    """Delete rows of *table*. SQLite follows no foreign keys in a migration, so they are followed here."""
    connection.execute(text(f"DELETE FROM {table} WHERE {where}"))  # noqa: S608 (a migration's own names)
    if connection.dialect.name == "sqlite":
        _follow(connection, table)


def _follow(connection: Connection, parent: str) -> None:
    found = inspect(connection)
    for child in found.get_table_names():
        for link in found.get_foreign_keys(child):
            if link["referred_table"] != parent:
                continue
            [column], [target] = link["constrained_columns"], link["referred_columns"]
            left = f"{column} IS NOT NULL AND {column} NOT IN (SELECT {target} FROM {parent})"  # noqa: S608 (names of our own)
            if link["options"].get("ondelete") == "SET NULL":
                connection.execute(text(f"UPDATE {child} SET {column} = NULL WHERE {left}"))  # noqa: S608 (names of our own)
            elif connection.execute(text(f"DELETE FROM {child} WHERE {left}")).rowcount:  # noqa: S608 (names of our own)
                _follow(connection, child)
