"""The schema, one module a concept.

`users`, `servers`, `server_users` and `monitor_data` are documented, with these names and columns.
"""

from monitor.adapters.persistence.tables import (
    accounts,
    alerts,
    checks,
    fleet,
    history,
    incidents,
    notifications,
    oncall,
    operations,
    policies,
)
from monitor.adapters.persistence.tables.definitions import metadata

__all__ = [
    "accounts",
    "alerts",
    "checks",
    "fleet",
    "history",
    "incidents",
    "metadata",
    "notifications",
    "oncall",
    "operations",
    "policies",
]
