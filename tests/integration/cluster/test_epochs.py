"""Answers to agents say when another node of a cluster has taken over."""

from contextlib import suppress
from http.client import HTTPException
from pathlib import Path

import pytest

from tests.integration.cli.client import Client
from tests.integration.cli.running import Process, server, wait_for
from tests.integration.cluster.conftest import Database

pytestmark = pytest.mark.nightly


def key_of(running: Process) -> str:
    with running.admin() as admin:
        made = admin.post("/api/servers", {"server_name": "host", "ip_address": "10.0.0.1"}).data
        return str(admin.post("/api/api-keys", {"name": "agent", "server_id": made["id"]}).data["key"])


def epoch(running: Process, key: str) -> str:
    """As an agent hears it; empty if its sample is not stored."""
    sample = {"metrics": {"cpu_value": 1, "memory_value": 1, "disk_value": 1}}
    with suppress(OSError, HTTPException), Client(running.port, key=key) as agent:
        return agent.post("/api/monitor/data", sample).headers.get("x-monitor-epoch", "")
    return ""


def test_a_fail_over_begins_an_epoch(tmp_path: Path, ready: Database):
    with server(tmp_path, ready.url) as running:
        key = key_of(running)
        wait_for(lambda: epoch(running, key), "the first answer")
        before = epoch(running, key)
        written = next(node for node in ready.galera.nodes if node.name == ready.balancer.active)
        written.kill()
        wait_for(lambda: epoch(running, key) not in ("", before), "another epoch")
        ready.galera.heal()
    assert "Traceback" not in running.said


def test_processes_with_a_node_each_agree(tmp_path: Path, ready: Database):
    """Although their servers differ."""
    for name in ("first", "second"):
        (tmp_path / name).mkdir()
    with server(tmp_path / "first", ready.urls[0]) as first, server(tmp_path / "second", ready.urls[1]) as second:
        key = key_of(first)
        wait_for(lambda: epoch(second, key), "the second to know the key")
        wait_for(lambda: epoch(first, key) == epoch(second, key), "one epoch")
        agreed = epoch(first, key)
        heard = {epoch(running, key) for _ in range(50) for running in (first, second)}
        assert heard == {agreed}
    assert "Traceback" not in first.said + second.said
