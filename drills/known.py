"""All drills, by name and in order. To add a drill, write one file and one line here."""

import sys

from drills import (
    audit_flood,
    channel_files,
    cluster,
    dripping_server,
    ended_streams,
    endless_header,
    idle_connections,
    import_20000,
    leaked_database,
    lock_out,
    log_in_flood,
    many_agents,
    quota_race,
    rebinding,
    slow_senders,
    spoiled_spool,
    stalled_loop,
    stalled_process,
    stolen_refresh,
    ten_thousand_silences,
)
from drills.drill import Drill

DRILLS: dict[str, Drill] = {
    "endless-header": endless_header.DRILL,
    "dripping-server": dripping_server.DRILL,
    "lock-out": lock_out.DRILL,
    "log-in-flood": log_in_flood.DRILL,
    "ten-thousand-silences": ten_thousand_silences.DRILL,
    "rebinding": rebinding.DRILL,
    "spoiled-spool": spoiled_spool.DRILL,
    "stolen-refresh": stolen_refresh.DRILL,
    "ended-streams": ended_streams.DRILL,
    "quota-race": quota_race.DRILL,
    "import-20000": import_20000.DRILL,
    "idle-connections": idle_connections.DRILL,
    "many-agents": many_agents.DRILL,
    "slow-senders": slow_senders.DRILL,
    "stalled-loop": stalled_loop.DRILL,
    "stalled-process": stalled_process.DRILL,
    "audit-flood": audit_flood.DRILL,
    "leaked-database": leaked_database.DRILL,
    "channel-files": channel_files.DRILL,
    **({"cluster": cluster.DRILL} if sys.platform == "linux" else {}),
}
