"""Tables of policies and silences."""

from datetime import timedelta
from operator import attrgetter

from sqlalchemy import Boolean, Column, Double, Integer, String, Text, UniqueConstraint

from monitor.adapters.persistence.tables.definitions import Written, enum_of, moment, numbered, parent
from monitor.domain.levels import Level
from monitor.domain.policies.kinds.known import KINDS
from monitor.domain.policies.policies import OWN_FIELDS, THRESHOLD, Direction

SECONDS = Written(Double(), timedelta.total_seconds, lambda seconds: timedelta(seconds=seconds))
KIND = Written(String(16), attrgetter("name"), KINDS.__getitem__)
LEVEL = Written(String(16), lambda level: level.name.lower(), lambda name: Level[name.upper()])
_OPTION_TYPES = {timedelta: SECONDS, int: Integer(), float: Double(), Level: LEVEL}
_options = (
    # Without the ending, MySQL reserves one of the words.
    Column(f"{name}_seconds" if form is timedelta else name, _OPTION_TYPES[form], key=name)
    for name, form in OWN_FIELDS.items()
)

# Durations in seconds. *scope_key* holds kind, server_id and tag in one text, for the unique index.
alert_policies = numbered(
    "alert_policies",
    Column("metric", String(64), nullable=False),
    Column("scope_key", String(64), nullable=False),
    parent("server_id", "servers.id", index=True),
    Column("tag", String(50)),
    Column("warning", Double),
    Column("critical", Double),
    Column("direction", enum_of(Direction), nullable=False),
    Column("sustained_for", SECONDS, nullable=False),
    Column("clear_margin", Double, nullable=False),
    Column("clear_for", SECONDS, nullable=False),
    Column("enabled", Boolean, nullable=False),
    Column("kind", KIND, nullable=False, server_default=THRESHOLD.name),
    *_options,
    Column("note", Text),
    moment("changed_at", nullable=True),
    parent("escalation_id", "escalations.id", "SET NULL", index=True),
    UniqueConstraint("metric", "scope_key"),
)

silences = numbered(
    "silences",
    parent("server_id", "servers.id", index=True),
    Column("tag", String(50)),
    Column("metric", String(64)),
    moment("starts_at"),
    moment("ends_at"),
    Column("recurrence", Text),
    Column("reason", String(500), nullable=False),
    moment("created_at"),
    parent("created_by", "users.id", "SET NULL", index=True),
)
