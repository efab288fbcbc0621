"""Connections, transactions, errors and migrations of SQLite and MySQL.

- `engine` opens connections with the settings in `sqlite` and `mysql`. `pipelining`: the intake's statements on MySQL.
- `errors`: what the databases' errors mean to the core.
- `repositories`: base classes of repositories and queries. `statements`: SQL that several of them share.
- `migrations`: alembic without its command line, one process at a time (`migration_lease`). `migration_plans` and
  `schema_state` answer without alembic.
"""
