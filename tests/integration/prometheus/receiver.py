"""The server that receives what is sent: its keys, and the samples that it has stored."""

import json
import sqlite3
from contextlib import closing
from datetime import UTC, datetime

from tests.integration.cli.running import Process, wait_for

WRITE = "/api/prometheus/write"


def new_key(monitor: Process, address: str | None = None) -> str:
    """Return the key of a new server, or with an *address* of the fleet, beside a server of that address."""
    with monitor.admin() as client:
        made = client.post("/api/servers", {"server_name": "host", "ip_address": address or "10.0.0.5"}).data
        body = {"name": "prometheus"} | ({} if address else {"server_id": made["id"]})
        return str(client.post("/api/api-keys", body).data["key"])


def stored(monitor: Process) -> list[tuple[int, dict[str, float]]]:
    """Return the times in milliseconds, which the API does not show, and the values of all samples."""
    [file] = monitor.data.rglob("*.db")
    wanted = "SELECT recorded_at, cpu_value, memory_value, disk_value, extra FROM monitor_data ORDER BY recorded_at"
    with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as connection:
        rows = connection.execute(wanted).fetchall()
    return [
        (_milliseconds(at), {"cpu": cpu, "memory": memory, "disk": disk, **json.loads(extra)})
        for at, cpu, memory, disk, extra in rows
    ]


def _milliseconds(text: str) -> int:
    return round(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp() * 1000)


def grows(monitor: Process, more: int) -> None:
    before = len(stored(monitor))
    wait_for(lambda: len(stored(monitor)) >= before + more, f"{more} more samples")
