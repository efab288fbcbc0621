"""Channels, and the outbox of notifications."""

from sqlalchemy import Boolean, Column, Double, Index, Integer, String, Text, UniqueConstraint

from monitor.adapters.persistence.tables.definitions import DIGEST, enum_of, moment, numbered, parent, ranks_of, word_of
from monitor.domain.alerts.alert import EventKind
from monitor.domain.alerts.reasons import Reason
from monitor.domain.levels import Level
from monitor.domain.notifications.outbox import UNSENT, DeliveryState

# *scope*: as JSON; NULL is everything.
channels = numbered(
    "channels",
    Column("name", String(100), nullable=False),
    Column("kind", String(16), nullable=False),
    Column("settings", Text, nullable=False),
    Column("encrypted", Text),
    Column("least_level", ranks_of(Level), nullable=False),
    Column("enabled", Boolean, nullable=False),
    moment("created_at"),
    Column("scope", Text),
)

# The outbox. *target*: the user (with the way), or channel, as one text, never NULL, so that it can be unique.
# Notifications outlive their server, user, way and channel: no foreign keys to servers and ways, and the others become
# NULL.
notifications = numbered(
    "notifications",
    parent("alert_id", "alerts.id", "SET NULL", index=True),
    parent("event_id", "alert_timeline.id", "SET NULL"),
    parent("user_id", "users.id", "SET NULL", index=True),
    parent("channel_id", "channels.id", "SET NULL", index=True),
    Column("target", String(24), nullable=False),
    Column("event_kind", word_of(EventKind), nullable=False),
    Column("server_id", Integer, nullable=False),
    Column("incident_id", Integer, index=True),
    Column("called_by", Integer),
    Column("server_name", String(100), nullable=False),
    Column("ip_address", String(45), nullable=False),
    Column("metric", String(64), nullable=False),
    Column("level", ranks_of(Level), nullable=False),
    Column("value", Double),
    Column("note", Text, nullable=False),
    moment("created_at", index=True),
    Column("delivery", enum_of(DeliveryState), nullable=False),
    moment("not_before"),
    moment("leased_until", nullable=True),
    Column("holder", String(64)),
    Column("attempts", Integer, nullable=False),
    Column("last_error", Text, nullable=False),
    Column("address", String(254), nullable=False),
    Column("message_id", String(255), nullable=False),
    moment("sent_at", nullable=True),
    # Of the version before, whose links work once. The next release drops it.
    Column("ack_digest", DIGEST, index=True),
    Column("reason", word_of(Reason)),
    Column("notice", Text),
    UniqueConstraint("event_id", "target"),
    Index(None, "delivery", "target", "not_before"),
    Index(None, "delivery", "id"),
    Index(None, "server_id", "id"),
)

IS_UNSENT = notifications.c.delivery.in_(UNSENT)
"""Condition: the notification still waits. Deleting its user or channel deletes it too."""
