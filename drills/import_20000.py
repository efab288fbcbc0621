"""A file with 20,000 servers is imported while an agent reports."""

import http.client
import time
from pathlib import Path

from drills.databases import on_both, server_on
from drills.drill import Drill, Outcome
from drills.steady_agent import longest, steady_agent
from tests.integration.cli.client import Client
from tests.integration.cli.running import Process, wait_for

SERVERS = 20_000
LONGEST_WAIT = 1.0
PATIENCE = 120.0


def _on(database: str, place: Path) -> Outcome:
    with server_on(database, place) as server, server.admin() as admin, steady_agent(server, admin) as waits:
        wait_for(lambda: len(waits) > 10, "the agent's first reports")
        began = time.monotonic()
        status = _import(server, admin)
        took = time.monotonic() - began
        total = admin.get("/api/monitor/stats").data["total_servers"]
    held = status == 200 and total == SERVERS + 1 and max(waits) < LONGEST_WAIT
    return Outcome(held=held, seen=f"{database}: {status} after {took:.1f} s, {total - 1} stored, {longest(waits)}")


def _import(server: Process, admin: Client) -> int:
    lines = ["server_name,ip_address,tags"]
    lines += [f"s{n},10.{n // 62500}.{n // 250 % 250}.{n % 250 + 1},rack {n % 40}" for n in range(SERVERS)]
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=PATIENCE)
    headers = {"Authorization": f"Bearer {admin.token}", "Content-Type": "text/csv"}
    connection.request("POST", "/api/servers/import", "\n".join(lines), headers)
    answer = connection.getresponse()
    answer.read()
    connection.close()
    return answer.status


DRILL = Drill(attack="20,000 servers are imported while an agent reports", run=on_both(_on))
