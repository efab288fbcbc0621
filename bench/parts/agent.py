"""Cost of the agent on its host, compared with other agents."""

import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

import psutil

from bench import peers, zabbix
from bench.figures import Figure, Result
from bench.program import MEGABYTE, Program, free_port, is_open, is_up
from bench.stage import Stage
from monitor.adapters.agent.install.bundle import add_bytecode, build_bundle
from tests.integration.agent.api import Api, serving
from tests.integration.agent.running import environment

CERTIFICATES = Path(__file__).parents[2] / "tests" / "integration" / "agent" / "tls"
CERTIFICATE_HASH = "4e6dcb8c.0"
"""File name under which OpenSSL finds a trusted certificate."""
INTERVAL = 15
TICKS_OF_A_ROUND = 4
SETTLED = 12.0
"""Seconds after the start before its cost counts: it has then read all processes once."""
MILLISECOND = 1000
NOTE = (
    "The agent runs as installed: compiled for this Python, without site packages. All agents run at the same time and "
    "are queried at the same moments: node-exporter for /metrics with its defaults, zabbix-agent2 for five items. "
    "*Own* are anonymous pages. The rest are pages of files, which programs share and the system may drop."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Watched:
    """A measured agent. *ask*: query that its server makes every interval; none if it reports by itself."""

    program: Program
    ask: Callable[[], object] = lambda: None


def measure(stage: Stage) -> Result:
    """Measure the bundle that hosts run: single starts, then a minute per round together with other agents."""
    bundle = stage.directory / "monitor-agent.pyz"
    bundle.write_bytes(build_bundle())
    add_bytecode(str(bundle))
    trusted = stage.directory / "trusted"
    trusted.mkdir()
    shutil.copyfile(CERTIFICATES / "cert.pem", trusted / CERTIFICATE_HASH)
    with serving(Api()) as api, serving(Api(), certificates=CERTIFICATES) as secure:
        payload = [_run(bundle, "--print-payload", api.url) for _ in range(stage.rounds)]
        stored = [_run(bundle, "--once", api.url) for _ in range(stage.rounds)]
        watched = {
            "agent": _agent(stage, bundle, api.url),
            "agent with TLS": _agent(stage, bundle, f"https://localhost:{secure.port}"),
            "node-exporter": _node_exporter(stage),
            "zabbix-agent2": _zabbix(stage),
        }
        found = {name: each for name, each in watched.items() if each is not None}
        costs = _costs(found, TICKS_OF_A_ROUND * stage.rounds)
    others = [name for name in costs if not name.startswith("agent")]
    figures = [_size("agent", 20, costs, others), _size("agent with TLS", 24, costs, others), _share(costs, others)]
    figures += [
        _start("agent: the payload is ready after", 0.12, payload),
        _start("agent: the first sample is stored after", 0.5, stored),
    ]
    notes = [NOTE, *(f"{name} was not available" for name, each in watched.items() if each is None)]
    rounds = {
        "payload": [{"seconds": seconds} for seconds in payload],
        "stored": [{"seconds": seconds} for seconds in stored],
        "costs": [costs],
    }
    return Result(figures=figures, rounds=rounds, notes=notes)


def _run(bundle: Path, what: str, url: str) -> float:
    """Return the seconds until it ends."""
    began = time.monotonic()
    settings = environment(API_URL=url, API_KEY="mk_0123456789")
    subprocess.run([*_command(bundle), what], env=settings, stdout=subprocess.DEVNULL, check=True)
    return time.monotonic() - began


def _command(bundle: Path) -> list[str]:
    return [sys.executable, "-IS", str(bundle)]


def _agent(stage: Stage, bundle: Path, url: str) -> Watched:
    name = url.partition(":")[0]
    settings = {
        "API_URL": url,
        "API_KEY": "mk_0123456789",
        "INTERVAL": str(INTERVAL),
        "AGENT_SPOOL": str(stage.directory / f"{name}.spool"),
        "SSL_CERT_FILE": "",
        "SSL_CERT_DIR": str(stage.directory / "trusted"),
    }
    return Watched(program=stage.program(_command(bundle), f"agent-{name}", settings))


def _node_exporter(stage: Stage) -> Watched | None:
    found, port = peers.program(peers.NODE_EXPORTER, stage.directory), free_port()
    if found is None:
        return None
    program = stage.program([found, f"--web.listen-address=127.0.0.1:{port}"], "node-exporter")
    program.wait_until(lambda: is_open(port))
    return Watched(program=program, ask=lambda: is_up(f"http://127.0.0.1:{port}/metrics"))


def _zabbix(stage: Stage) -> Watched | None:
    found, port = peers.program(peers.ZABBIX_AGENT, stage.directory), free_port()
    if found is None:
        return None
    settings = zabbix.configured(stage.directory, port)
    program = stage.program([found, "-f", "-c", str(settings)], "zabbix")
    program.wait_until(lambda: is_open(port))
    return Watched(program=program, ask=lambda: [zabbix.ask(port, item) for item in zabbix.ITEMS])


def _costs(watched: dict[str, Watched], ticks: int) -> dict[str, dict[str, Any]]:
    """Return *share* of a core, and megabytes: *resident*, *proportional* (shared pages divided), *own* (anonymous)."""
    time.sleep(SETTLED)
    before = {name: each.program.cpu_nanoseconds() for name, each in watched.items()}
    began = time.monotonic()
    for tick in range(ticks):
        for each in watched.values():
            each.ask()
        time.sleep(max(0.0, began + (tick + 1) * INTERVAL - time.monotonic()))
    lasted = time.monotonic() - began
    return {
        name: {
            "share": (each.program.cpu_nanoseconds() - before[name]) / 1e9 / lasted,
            **_memory(each.program.pid),
        }
        for name, each in watched.items()
    }


def _memory(pid: int) -> dict[str, float]:
    process = psutil.Process(pid)
    found = process.memory_full_info()
    own = sum(part.anonymous for part in process.memory_maps())
    return {"resident": found.rss / MEGABYTE, "proportional": found.pss / MEGABYTE, "own": own / MEGABYTE}


def _size(name: str, goal: int, costs: dict[str, dict[str, Any]], others: list[str]) -> Figure:
    size = costs[name]["resident"]

    def said(of: str) -> str:
        return f"{costs[of]['resident']:.1f} MB ({costs[of]['own']:.1f} own)"

    return Figure(
        what=f"{name}, resident",
        goal=f"≤ {goal} MB",
        measured=said(name),
        beside=", ".join(f"{other} {said(other)}" for other in others),
        met=size <= goal,
    )


def _share(costs: dict[str, dict[str, Any]], others: list[str]) -> Figure:
    share = costs["agent"]["share"]
    against = [costs[other]["share"] for other in others]
    return Figure(
        what=f"agent, share of a core at {INTERVAL} s",
        goal="≤ 0.01 %, ≤ ¼ of the others",
        measured=f"{share:.3%}",
        beside=", ".join(f"{other} {costs[other]['share']:.3%}" for other in others),
        met=share <= 0.0001 and all(share <= other / 4 for other in against),
    )


def _start(what: str, goal: float, found: list[float]) -> Figure:
    middle = median(found)
    return Figure(
        what=what, goal=f"≤ {goal * MILLISECOND:.0f} ms", measured=f"{middle * MILLISECOND:.0f} ms", met=middle <= goal
    )
