"""Tables of alerts, their states and timelines, and what is to be evaluated anew."""

from sqlalchemy import BigInteger, Boolean, Column, Double, Index, Integer, String, Text

from monitor.adapters.persistence.tables.definitions import enum_of, moment, numbered, parent, ranks_of, table, word_of
from monitor.adapters.persistence.tables.policies import KIND
from monitor.domain.alerts.alert import AlertState, EventKind, Verdict
from monitor.domain.alerts.due import Cause
from monitor.domain.levels import Level
from monitor.domain.policies.policies import THRESHOLD

alerts = numbered(
    "alerts",
    parent("server_id", "servers.id", nullable=False),
    parent("policy_id", "alert_policies.id", "SET NULL", index=True),
    Column("metric", String(64), nullable=False),
    Column("level", ranks_of(Level), nullable=False),
    Column("state", enum_of(AlertState), nullable=False),
    Column("value", Double, nullable=False),
    Column("threshold", Double),
    moment("started_at"),
    moment("fired_at", index=True),
    moment("resolved_at", nullable=True),
    parent("acknowledged_by", "users.id", "SET NULL", index=True),
    moment("acknowledged_at", nullable=True),
    moment("last_notified_at", nullable=True),
    Column("late", Boolean, nullable=False),
    # Nothing reads it: processes of the version before the quiet rule do. The next release drops it.
    Column("flapping", Boolean, nullable=False, default=False),
    Column("processes", Text),
    Column("peak_level", ranks_of(Level)),
    Column("peak_value", Double),
    moment("peak_at", nullable=True),
    Column("kind", KIND, nullable=False, server_default=THRESHOLD.name),
    moment("expected_at", nullable=True),
    Column("verdict", word_of(Verdict)),
    Column("verdict_by", String(50)),
    moment("verdict_at", nullable=True),
    Column("verdict_note", String(500)),
    moment("due_at", nullable=True, index=True),
    Column("incident_id", Integer),
    Index(None, "incident_id", "state"),
    Index(None, "server_id", "id"),
    Index(None, "state", "id"),
    Index(None, "server_id", "metric", "fired_at"),
    Index(None, "server_id", "metric", "resolved_at"),
    Index(None, "flapping", "server_id", "metric"),
)

# States of the engine; *metric*: with the kind of the policy (`Policy.key`); times in microseconds since 1970. No
# foreign keys to policies and alerts: a process that does not know yet that a policy was deleted may store a state for
# it, and cancels that later.
alert_states = table(
    "alert_states",
    parent("server_id", "servers.id", primary_key=True),
    Column("metric", String(64).with_variant(String(80), "mysql", "mariadb"), primary_key=True),
    Column("policy_id", Integer, nullable=False),
    Column("alert_id", Integer),
    Column("level", ranks_of(Level), nullable=False),
    Column("seen", BigInteger),
    Column("warning_since", BigInteger),
    Column("critical_since", BigInteger),
    Column("clear_since", BigInteger),
    Column("calm_since", BigInteger),
    Column("version", Integer, nullable=False),
    Column("worst", Double),
    Column("worst_at", BigInteger),
)

# What the quiet rule keeps, as JSON. *metric*: see above. *ended_at*: of the last alert; NULL while one is open.
alert_quiet = table(
    "alert_quiet",
    parent("server_id", "servers.id", primary_key=True),
    Column("metric", String(64).with_variant(String(80), "mysql", "mariadb"), primary_key=True),
    Column("kept", Text, nullable=False),
    moment("ended_at", nullable=True, index=True),
)

# Samples that are to be evaluated anew, by why. *watched*: as *metric* of the states; "": all of the server.
due_evaluations = table(
    "due_evaluations",
    parent("server_id", "servers.id", primary_key=True),
    Column("watched", String(64).with_variant(String(80), "mysql", "mariadb"), primary_key=True),
    Column("cause", word_of(Cause), primary_key=True),
    moment("since"),
    moment("noted_at", index=True),
    moment("last_noted_at"),
    Column("version", Integer, nullable=False),
)

alert_timeline = numbered(
    "alert_timeline",
    parent("alert_id", "alerts.id", nullable=False),
    moment("at"),
    Column("event_kind", word_of(EventKind), nullable=False),
    Column("level", ranks_of(Level)),
    Column("value", Double),
    Column("username", String(50)),
    Column("recipient", String(254)),
    Column("channel", String(100)),
    Column("note", Text),
    Column("left_out", Text),
    Column("notice", Text),
    Index(None, "alert_id", "at"),
)
