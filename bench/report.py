"""Write docs/benchmarks/README.md from results.json."""

from collections.abc import Mapping
from typing import Any

PLOTTED = ("intake", "batches", "remote_write", "stats", "series", "bytes", "sealing", "backlog", "sqlite", "agent")
_HEAD = """# Benchmarks

Written by `make bench`. Each figure is the median of several rounds of one run, in which the product and the others
were loaded in turn. Brackets hold the smallest and the largest ratio of a round. Everything runs on one machine, also
the load generator: ratios are comparable between machines, absolute figures are not.

"""
_METHOD = """
## Method

- **The yardstick** is a straightforward product of this kind: Flask 2.3.3, Flask-SQLAlchemy, PyMySQL, `gunicorn -w 4`
  (`bench/flask_baseline`). It answers the measured routes in the same way, so that one load script serves both.
- **The product** runs as `monitor serve` as shipped: authentication, validation, alerts and audit switched on.
- **The load** comes from `wrk` with one thread, on the same machine: 1,000 servers drawn at random, values drawn from 0
  to 89, one in a hundred over the critical threshold. Most values cross a warning threshold each time, unlike on
  real hosts: this puts load on the alert engine.
- **Series** are requested one after the other on one connection, of hosts from `monitor simulate`. If a response takes
  seconds, a round has few of them, and its p99 is the slowest.
- **VictoriaMetrics** has its default configuration. It responds before data is on disk. Its cache of responses is off
  (`nocache`), since the product has none.
- **Live samples** in `sealing` and `backlog` are sent at a constant rate, whether or not earlier ones were answered.
  Latency counts from the time at which a sample was due. A backlog is sent as agents send it, from the same machine.
- **Remote-write** is sent from one process, 2,000 samples a request as a Prometheus does by default: series of this
  machine's node-exporter under the addresses of other hosts. Counters grow, and loads and free memory change. Both
  systems are sent the same requests, host by host: a scrape may begin in one and end in the next.
- **MariaDB** commits durably (`innodb_flush_log_at_trx_commit=1`), without a binary log; other settings are defaults.
  SQLite runs in WAL mode with `synchronous=FULL`. Both are on a disk.
- **The cluster** has three nodes on this machine, with the durable commits of the other tests and a small buffer pool.
  HAProxy sends all writes to one, and nginx spreads 96 keys over the processes: both as shipped in `deploy/`.
- **CPU seconds** are those of the server's processes. One line also counts the database, and says so.
- `PARTS="intake stats" ROUNDS=5 SECONDS=10 make bench` measures some parts for longer. `results.json` has every single
  round.
"""


def page(results: Mapping[str, Any]) -> str:
    return f"{_HEAD}{table(results)}\n{_notes(results)}{_plots(results)}{_METHOD}\n{_machines(results)}"


def table(results: Mapping[str, Any]) -> str:
    lines = ["| what | goal | measured | beside | |", "|---|---|---|---|---|"]
    for result in results.values():
        for figure in result["figures"]:
            mark = {None: "", True: "reached", False: "**missed**"}[figure["met"]]
            cells = (figure["what"], figure["goal"], figure["measured"], figure["beside"], mark)
            lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def _notes(results: Mapping[str, Any]) -> str:
    notes = [note for result in results.values() for note in result["notes"]]
    return "".join(f"- {note}\n" for note in notes)


def _plots(results: Mapping[str, Any]) -> str:
    return "".join(f"\n![]({name}.png)\n" for name in results if name in PLOTTED)


def _machines(results: Mapping[str, Any]) -> str:
    lines = ["## Machine", "", "| part | measured | commit | rounds | on | load beside |"]
    lines.append("|---|---|---|---|---|---|")
    for name, result in results.items():
        about = result["about"]
        on = (
            f"{about['cores']} cores ({about['cpu']}), {about['memory']}, {about['system']}, "
            f"Python {about['python']}, MariaDB {about['mariadb']}"
        )
        rounds, commit = f"{about['rounds']} × {about['seconds']:g} s", about.get("commit", "")
        lines.append(f"| {name} | {about['when']} UTC | {commit} | {rounds} | {on} | {about['load']} |")
    return "\n".join(lines) + "\n"
