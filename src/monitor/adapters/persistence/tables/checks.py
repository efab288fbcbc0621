"""Tables of checks and check-ins. Their ids are those of rows in `servers`, which have name, interval and attempts."""

from operator import attrgetter

from sqlalchemy import Boolean, Column, Double, Index, Integer, String, Text

from monitor.adapters.persistence.tables.definitions import BYTES, Written, moment, parent, table, word_of
from monitor.domain.checks.check_ins import CheckInState, PingKind
from monitor.domain.checks.checks import CheckState
from monitor.domain.checks.kinds import KINDS

# *due_at*: of the next run. *holder*: the process that runs it now, until *leased_until*. *last_…*: the last run.
# *encrypted*: how it asks, unless as usual: headers and bodies hold passwords.
# *failures*: in a row, up to now, *failing_since* that time. *failed_at*, *failure*: the last one that failed.
# Durations in seconds, *last_ms* in milliseconds.
checks = table(
    "checks",
    parent("id", "servers.id", primary_key=True, autoincrement=False),
    Column("kind", Written(String(16), attrgetter("name"), KINDS.__getitem__), nullable=False),
    Column("target", String(2000), nullable=False),
    Column("timeout", Double, nullable=False),
    Column("expect_status", Integer),
    Column("expect_text", String(500)),
    Column("expect_record", String(255)),
    *(Column(f"expect_{name}", String(500)) for name in ("statuses", "pattern", "json_path", "json_value")),
    Column("encrypted", Text),
    moment("due_at", index=True),
    moment("leased_until", nullable=True),
    Column("holder", String(64)),
    Column("state", word_of(CheckState), nullable=False),
    Column("failures", Integer, nullable=False),
    moment("failing_since", nullable=True),
    moment("last_at", nullable=True),
    Column("last_up", Boolean),
    Column("last_ms", Double),
    Column("last_cert_days", Double),
    Column("last_error", String(500)),
    moment("failed_at", nullable=True),
    Column("failure", String(500)),
)

# *due_at*: when the next ping is expected; *down_at*: when it is too late; *excused_at*: when it was first excused from
# that. Either *period* or *schedule*. *pings*: how many there were. *failure_is_new*: no alert has followed it yet.
check_ins = table(
    "check_ins",
    parent("id", "servers.id", primary_key=True, autoincrement=False),
    Column("ping_key", String(36), nullable=False, unique=True),
    Column("period", Double),
    Column("schedule", String(200)),
    Column("timezone", String(64), nullable=False),
    Column("grace", Double, nullable=False),
    Column("state", word_of(CheckInState), nullable=False),
    Column("pings", Integer, nullable=False),
    moment("last_ping_at", nullable=True),
    Column("last_duration", Double),
    moment("started_at", nullable=True),
    moment("due_at", nullable=True),
    moment("down_at", nullable=True),
    moment("excused_at", nullable=True),
    Column("failure_is_new", Boolean, nullable=False, index=True),
    Index(None, "state", "down_at"),
)

# *number*: 1 for the first of its check-in. Not one id for all: in a cluster ids of two nodes have no order.
check_in_pings = table(
    "check_in_pings",
    parent("check_in_id", "check_ins.id", primary_key=True, autoincrement=False),
    Column("number", Integer, primary_key=True, autoincrement=False),
    moment("at"),
    Column("kind", word_of(PingKind), nullable=False),
    Column("status", Integer),
    Column("duration", Double),
    Column("body", BYTES),
    Column("address", String(45), nullable=False),
)
