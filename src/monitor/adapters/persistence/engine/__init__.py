"""Connections, transactions, errors and migrations of SQLite and MySQL.

- `engine` opens connections with the settings in `sqlite` and `mysql`. `pipelining`: the intake's statements
  on MySQL.
- `errors`: what the databases' errors mean to the core.
- `repositories`: what repositories and queries are made of. `statements`: SQL that several of them share, and rows
  used as locks. `fleet_log`: what a transaction changes of the fleet.
- `migrations`: alembic without its command line, one process at a time (`migration_lease`); `schema_version` answers
  without alembic.
"""
