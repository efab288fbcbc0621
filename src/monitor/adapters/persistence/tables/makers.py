"""Who made a server or a policy, for the quotas: neither table says so itself."""

from sqlalchemy import Table

from monitor.adapters.persistence.tables.definitions import OPTIONS, metadata, parent

server_makers = Table(
    "server_makers",
    metadata,
    parent("server_id", "servers.id", primary_key=True, autoincrement=False),
    parent("user_id", "users.id", nullable=False, index=True),
    **OPTIONS,
)

policy_makers = Table(
    "policy_makers",
    metadata,
    parent("policy_id", "alert_policies.id", primary_key=True, autoincrement=False),
    parent("user_id", "users.id", nullable=False, index=True),
    **OPTIONS,
)
