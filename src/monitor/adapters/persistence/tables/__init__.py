"""The schema. `users`, `servers`, `server_users` and `monitor_data` are documented, with these names and types, to be
read by other programs: columns may be added to them, the present ones stay.

On MySQL every text compares by code point, as on SQLite: otherwise its UNIQUE would take "ä" for "A", and be stricter
than the domain is. Ids of deleted rows never come again on SQLite (AUTOINCREMENT). MySQL before 8.0 may reuse the
highest ones after a restart, and nothing can be done about that in a table definition; a user's `token_version` is
random for that reason, so that the old tokens do not open the new account.
"""

from monitor.adapters.persistence.tables.accounts import live_tickets, login_attempts, sessions, users
from monitor.adapters.persistence.tables.alerting import alert_policies, alert_states, alert_timeline, alerts, silences
from monitor.adapters.persistence.tables.definitions import metadata
from monitor.adapters.persistence.tables.fleet import (
    api_keys,
    fleet_revision,
    server_tags,
    server_users,
    servers,
    unregistered_hosts,
)
from monitor.adapters.persistence.tables.history import history_chunks, history_rollups
from monitor.adapters.persistence.tables.makers import policy_makers, server_makers
from monitor.adapters.persistence.tables.measurements import monitor_data
from monitor.adapters.persistence.tables.operations import audit_log, bulletins, heartbeats, leases, preferences
from monitor.adapters.persistence.tables.outbox import channels, notifications

__all__ = [
    "alert_policies",
    "alert_states",
    "alert_timeline",
    "alerts",
    "api_keys",
    "audit_log",
    "bulletins",
    "channels",
    "fleet_revision",
    "heartbeats",
    "history_chunks",
    "history_rollups",
    "leases",
    "live_tickets",
    "login_attempts",
    "metadata",
    "monitor_data",
    "notifications",
    "policy_makers",
    "preferences",
    "server_makers",
    "server_tags",
    "server_users",
    "servers",
    "sessions",
    "silences",
    "unregistered_hosts",
    "users",
]
