"""docs/benchmarks/README.md, written from results.json alone."""

from collections.abc import Mapping
from typing import Any

PLOTTED = ("intake", "batches", "stats", "series", "bytes", "sealing", "backlog", "sqlite", "agent")
_HEAD = """# Benchmarks

Written by `make bench`. Each figure is the median of several rounds, in which the product and what it is compared with
were loaded in turn in one run; in brackets stand the smallest and the largest ratio of a round. All on one machine, the
load generator too: it is the ratios that carry over to another.

"""
_METHOD = """
## Method

- **The yardstick** is a straightforward product of this kind: Flask 2.3.3, Flask-SQLAlchemy, PyMySQL, `gunicorn -w 4`
  (`bench/flask_baseline`). It answers the measured routes alike, so that one load script serves both.
- **The product** runs as `monitor serve` as shipped: authentication, validation, alerts and audit switched on.
- **The load** comes from `wrk` with one thread, on the same machine: 1,000 servers drawn at random, values drawn from 0
  to 89, one in a hundred over the critical threshold. Most values jump across a warning threshold each time, which no
  real host does; it makes the alert engine work.
- **Series** are asked for one after the other on one connection, of hosts that `monitor simulate` made up. Where an
  answer takes seconds a round has few of them, and its p99 is the slowest.
- **VictoriaMetrics** runs as it comes. It answers before what it was sent is on disk; its answers to charts are not
  kept between questions (`nocache`), as those of the product are not.
- **Live samples** in `sealing` and `backlog` come at an even pace, each at its time whatever became of those before,
  and are waited for from then on. A backlog is sent as agents send it, from this machine too, whose two cores then have
  that to do as well.
- **MariaDB** commits durably (`innodb_flush_log_at_trx_commit=1`) and is otherwise as it comes, without a binary log;
  SQLite runs in WAL with `synchronous=FULL`. Both lie on a disk.
- **CPU seconds** are those of the server's processes; the line that counts the database's too says so.
- `PARTS="intake stats" ROUNDS=5 SECONDS=10 make bench` measures some parts for longer. `results.json` holds every
  single round.
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
    lines = ["## Machine", "", "| part | measured | rounds | on | load beside |", "|---|---|---|---|---|"]
    for name, result in results.items():
        about = result["about"]
        on = (
            f"{about['cores']} cores ({about['cpu']}), {about['memory']}, {about['system']}, "
            f"Python {about['python']}, MariaDB {about['mariadb']}"
        )
        rounds = f"{about['rounds']} × {about['seconds']:g} s"
        lines.append(f"| {name} | {about['when']} UTC | {rounds} | {on} | {about['load']} |")
    return "\n".join(lines) + "\n"
