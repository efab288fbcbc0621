"""Connections, transactions, errors and migrations of SQLite and MySQL.

- `engine` opens connections with the settings in `sqlite` and `mysql`. `pipelining`: the intake's statements
  on MySQL.
- `errors`: what the databases' errors mean to the core.
- `statements`: SQL that several repositories share, the fleet's revision, and rows used as locks.
- `migrations`: alembic without its command line, one process at a time (`migration_lease`); `schema_version` answers
  without alembic.
"""
