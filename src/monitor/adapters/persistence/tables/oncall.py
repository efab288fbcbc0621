"""Tables of rotas, escalations and ways, and of where the escalations of open alerts stand."""

from sqlalchemy import Boolean, Column, Integer, String, Text

from monitor.adapters.persistence.tables.definitions import moment, numbered, parent, ranks_of, table
from monitor.adapters.persistence.tables.policies import SECONDS
from monitor.domain.levels import Level

# *hours*: as JSON; NULL is always. *handed_over_at*: up to when hand-overs were announced. *handed_over_to*: who was on
# call then, or last; perhaps deleted since. *handed_over_to_at*: the same time. Another one if a process of the version
# before, which does not know it, handed over meanwhile.
rotas = numbered(
    "rotas",
    Column("name", String(100), nullable=False),
    Column("name_key", String(200), nullable=False, unique=True),
    Column("timezone", String(64), nullable=False),
    moment("starts_at"),
    Column("turn_days", Integer, nullable=False),
    Column("hours", Text),
    moment("handed_over_at", nullable=True),
    Column("handed_over_to", Integer),
    moment("handed_over_to_at", nullable=True),
)

rota_users = table(
    "rota_users",
    parent("rota_id", "rotas.id", primary_key=True, autoincrement=False),
    Column("place", Integer, primary_key=True, autoincrement=False),
    parent("user_id", "users.id", nullable=False, index=True),
)

rota_overrides = table(
    "rota_overrides",
    parent("rota_id", "rotas.id", primary_key=True, autoincrement=False),
    Column("place", Integer, primary_key=True, autoincrement=False),
    parent("user_id", "users.id", nullable=False, index=True),
    moment("starts_at"),
    moment("ends_at"),
)

# *steps*: after how long each is due, as JSON. *repeat_after*: in seconds.
escalations = numbered(
    "escalations",
    Column("name", String(100), nullable=False),
    Column("name_key", String(200), nullable=False, unique=True),
    Column("steps", Text, nullable=False),
    Column("repeat_after", SECONDS),
    Column("repeats", Integer, nullable=False),
)

# Whom the steps name. All NULL: the people linked to the server. What is deleted takes its rows along.
escalation_targets = table(
    "escalation_targets",
    parent("escalation_id", "escalations.id", primary_key=True, autoincrement=False),
    Column("step", Integer, primary_key=True, autoincrement=False),
    Column("place", Integer, primary_key=True, autoincrement=False),
    parent("user_id", "users.id", index=True),
    parent("team_id", "teams.id", index=True),
    parent("rota_id", "rotas.id", index=True),
    parent("channel_id", "channels.id", index=True),
)

# *after*: in seconds.
ways = numbered(
    "ways",
    parent("user_id", "users.id", nullable=False, index=True),
    Column("place", Integer, nullable=False),
    Column("kind", String(16), nullable=False),
    Column("settings", Text, nullable=False),
    Column("encrypted", Text),
    Column("level", ranks_of(Level), nullable=False),
    Column("after", SECONDS, nullable=False),
    moment("confirmed_at", nullable=True),
    Column("failed", String(500), nullable=False),
)

pagings = table(
    "pagings",
    parent("alert_id", "alerts.id", primary_key=True, autoincrement=False),
    parent("escalation_id", "escalations.id", primary_key=True, autoincrement=False, index=True),
    Column("turn", Integer, nullable=False),
    Column("step", Integer, nullable=False),
    moment("due_at", index=True),
    Column("has_reached", Boolean, nullable=False),
)
