"""10,000 agents, each on its own keep-alive connection."""

import json
import subprocess
import sys
from collections import Counter
from http.client import HTTPConnection
from pathlib import Path

import psutil

from drills.agent_crowd import METRICS, address
from drills.drill import Drill, Outcome, running_server
from tests.integration.cli.running import Process, wait_for

COUNT = 10_000
SECONDS = 60.0
P99 = 3.0
MEMORY = 400.0


def run(place: Path) -> Outcome:
    with running_server(place) as server:
        key = _registered(server)
        process = psutil.Process(server.process.pid)
        before = process.memory_info().rss / 1e6
        crowd = (sys.executable, "-m", "drills.agent_crowd", str(server.port), key, str(COUNT), str(SECONDS))
        done = subprocess.run(crowd, stdout=subprocess.PIPE, check=True, timeout=SECONDS * 3)
        tally = json.loads(done.stdout)
        after, cpu = process.memory_info().rss / 1e6, sum(process.cpu_times()[:2])
        with server.client() as watcher:
            lines = watcher.get("/metrics").body.decode().splitlines()
    ended = sum(float(line.rpartition(" ")[2]) for line in lines if line.startswith("monitor_connections_ended_total"))
    connecting, seconds = sorted(tally["seconds"][:COUNT]), sorted(tally["seconds"][COUNT:])
    p99 = _p99(seconds)
    held = tally["stored"] == tally["sent"] and not ended and p99 < P99 and after < MEMORY
    if tally["refused"]:
        return Outcome(held=False, seen=f"not stored: {Counter(tally['refused'])}")
    figures = f"{tally['stored']} of {tally['sent']} samples stored over {tally['connections']} connections"
    first = f"p99 {_p99(connecting) * 1000:.0f} ms while they connect, then "
    times = f"{first}p50 {seconds[len(seconds) // 2] * 1000:.0f} ms, p99 {p99 * 1000:.0f} ms, max {seconds[-1]:.2f} s"
    costs = f"{before:.0f} MB, then {after:.0f} MB; {cpu:.0f} CPU s"
    return Outcome(held=held, seen=f"{figures}, {ended:.0f} ended; {times}; {costs}")


def _p99(seconds: list[float]) -> float:
    return seconds[len(seconds) * 99 // 100]


def _registered(server: Process) -> str:
    """Import all hosts, and return a key for them."""
    csv = "\n".join(["server_name,ip_address", *(f"host {n},{address(n)}" for n in range(COUNT))])
    with server.admin() as admin:
        asking = HTTPConnection("127.0.0.1", server.port, timeout=120)
        headers = {"Content-Type": "text/csv", "Authorization": f"Bearer {admin.token}"}
        asking.request("POST", "/api/servers/import", csv, headers)
        answer = asking.getresponse()
        said = answer.read()
        if answer.status != 200:
            raise RuntimeError(f"the import was answered {answer.status}: {said[:200]!r}")
        key: str = admin.post("/api/api-keys", {"name": "all"}).data["key"]
    first = json.loads(METRICS % address(0))
    with server.client(key) as agent:  # the new key counts only once the fleet is loaded again
        wait_for(lambda: agent.post("/api/monitor/data", first).status == 200, "the key to be known")
    return key


DRILL = Drill(attack="10,000 agents that keep their connections, a report of each every 15 s", run=run)
