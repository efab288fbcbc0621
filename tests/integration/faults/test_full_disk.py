"""A real server whose files cannot grow any more, as on a full disk: it says so, and goes on once there is room."""

import re
from resource import RLIM_INFINITY, RLIMIT_FSIZE, prlimit

from tests.integration.cli.client import Answer, Client
from tests.integration.cli.running import Process, server, wait_for

SAMPLE = {"metrics": {"cpu_value": 1, "memory_value": 2, "disk_value": 3}}
NO_ROOM = 32 * 1024
"""Bytes of a file: enough for what the server logs, and less than its database has."""


def limit(process: Process, bytes_of_a_file: int) -> None:
    prlimit(process.process.pid, RLIMIT_FSIZE, (bytes_of_a_file, RLIM_INFINITY))


def report(agent: Client) -> Answer:
    return agent.post("/api/monitor/data", SAMPLE)


def test_a_full_disk_makes_the_server_unready_and_is_logged_until_there_is_room(tmp_path):
    with server(tmp_path) as running, running.admin() as admin:
        made = admin.post("/api/servers", {"server_name": "host", "ip_address": "10.0.0.99"}).data
        key = admin.post("/api/api-keys", {"name": "agent", "server_id": made["id"]}).data["key"]
        with Client(running.port, key=key) as agent, running.client() as prober:
            assert (200, 200) == (report(agent).status, prober.get("/readyz").status)
            limit(running, NO_ROOM)
            wait_for(lambda: report(agent).status == 503, "a sample that finds no room")
            seen = prober.get("/readyz")
            assert (503, "ok", "failing") == (seen.status, seen.body["database"], seen.body["writer"])
            wait_for(lambda: "samples are refused since" in running.said, "a line in the log")
            limit(running, RLIM_INFINITY)
            wait_for(lambda: prober.get("/readyz").status == 200, "room, which no new sample finds out")
            assert 200 == report(agent).status
    assert 1 == len(re.findall("samples are refused since", running.said))
