"""The whole product on a cluster, under 300 samples a second, while one part of it after the other fails.

`HARMS="two-nodes node:4"` chooses some, and their rounds; `AWAY=60` for how long VictoriaMetrics is gone. It prints a
table.
"""

import os
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from drills.drill import Drill, Outcome
from scripts.system import GALERA, HAPROXY, NGINX, VICTORIA, ensure
from tests.integration.alerts.mail_server import mail_server
from tests.integration.cluster import harms
from tests.integration.cluster.hurting import SETTINGS, Hurt, Scene, load_on
from tests.integration.cluster.old_history import lose_victoria
from tests.integration.cluster.whole import whole

HOSTS = 300
CYCLE = 300.0
LONGEST_WAIT = 5.0
HALTED, AWAY = 30.0, 600.0
"""Seconds: of a node, and of VictoriaMetrics."""
_COLUMNS: list[object] = [
    "harm",
    "rounds",
    "acknowledged",
    "missing",
    "doubled",
    "false offline",
    "alert events",
    "unmailed",
    "mails doubled",
    "requests that failed",
    "no write, the cluster",
    "no write, the product",
    "longer than the cluster",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Kind:
    """*rounds*: usually."""

    rounds: int
    harm: Callable[[Scene], harms.Harm]


KINDS = {
    "node": _Kind(rounds=20, harm=lambda _: harms.kill_a_node),
    "two-nodes": _Kind(rounds=5, harm=lambda _: harms.kill_two_nodes),
    "halt": _Kind(rounds=1, harm=lambda _: partial(harms.halt_a_node, seconds=HALTED)),
    "process": _Kind(rounds=20, harm=lambda _: harms.kill_a_process),
    "haproxy": _Kind(rounds=2, harm=lambda _: harms.reload_haproxy),
    "victoria": _Kind(rounds=1, harm=lambda scene: partial(lose_victoria, old=scene.old, seconds=_away())),
}


def _away() -> float:
    return float(os.environ.get("AWAY") or AWAY)


def _chosen() -> dict[str, int]:
    """Return the rounds of each harm that is wanted. Raises KeyError."""
    wanted = os.environ.get("HARMS", "").replace(",", " ").split() or list(KINDS)
    parts = [name.partition(":") for name in wanted]
    return {name: int(rounds or KINDS[name].rounds) for name, _, rounds in parts if KINDS[name]}


def run(place: Path) -> Outcome:
    chosen = _chosen()
    ensure([GALERA, HAPROXY, NGINX, VICTORIA])
    lines, fallen = [_line(_COLUMNS), _line(["---"] * len(_COLUMNS))], []
    with (
        mail_server() as mails,
        whole(place, **SETTINGS, **mails.settings) as cluster,
        load_on(cluster, mails, HOSTS, CYCLE) as scene,
    ):
        for name, rounds in chosen.items():
            hurt = scene.hurt(KINDS[name].harm(scene), rounds)
            lines.append(_row(name, hurt))
            print(f"  {lines[-1]}", flush=True)
            for text in hurt.findings.tracebacks:
                print(text, flush=True)
            if not hurt.findings.are_clean or hurt.wait > LONGEST_WAIT:
                fallen.append(name)
    table = "\n".join(f"  {line}" for line in lines)
    return Outcome(held=not fallen, seen=f"{' '.join(fallen)}\n{table}")


def _row(name: str, hurt: Hurt) -> str:
    found = hurt.findings
    return _line(
        [
            name,
            len(hurt.rounds),
            f"{found.acknowledged:,}",
            found.missing + found.waiting,
            found.doubled,
            found.offline,
            found.alerts,
            found.unmailed,
            found.doubled_mails,
            found.answers.total(),
            f"{hurt.engine:.1f} s",
            f"{hurt.product:.1f} s",
            f"{hurt.wait:.1f} s",
        ]
    )


def _line(cells: list[object]) -> str:
    return f"| {' | '.join(map(str, cells))} |"


DRILL = Drill(attack="parts of a cluster are killed, halted and taken away, under 300 samples a second", run=run)
