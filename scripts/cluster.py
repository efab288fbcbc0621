"""The whole product on a cluster on this machine, until it is stopped: `make cluster`.

Three MariaDB servers of a Galera cluster, HAProxy, three processes of monitor, nginx, and VictoriaMetrics. Kill what
you like: a server of the cluster, a process or a VictoriaMetrics that ended is started again after some seconds, as
systemd would.
"""

import signal
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path

from scripts.system import GALERA, HAPROXY, MARIADB, NGINX, VICTORIA, ensure
from tests.integration.cli.running import PASSWORD, Process
from tests.integration.cluster.whole import Whole, whole
from tests.integration.galera import GaleraNode
from tests.integration.victoria import Victoria

RESTART_AFTER = 5.0
"""Seconds, as in Debian's unit of MariaDB and in ours."""


def main() -> int:
    if sys.platform != "linux":
        sys.exit("monitor: a cluster needs Linux: Homebrew's MariaDB comes without Galera")
    ensure([MARIADB, GALERA, HAPROXY, NGINX, VICTORIA])
    stopped = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stopped.set())
    print("monitor: starting, in about a minute", flush=True)
    with tempfile.TemporaryDirectory(prefix="monitor-cluster-") as home, whole(Path(home)) as cluster:
        print(_report(cluster), flush=True)
        while not stopped.wait(RESTART_AFTER):
            _revive(cluster)
        print("monitor: stopping", flush=True)
    return 0


def _report(cluster: Whole) -> str:
    rows = [("nginx", cluster.nginx_pid, cluster.port), ("HAProxy", cluster.balancer.pid, cluster.balancer.port)]
    rows += [(f"monitor {n}", each.process.pid, each.port) for n, each in enumerate(cluster.processes, start=1)]
    rows += [(node.name, node.pid, node.port) for node in cluster.galera.nodes]
    rows += [("VictoriaMetrics", cluster.victoria.pid, cluster.victoria.port)]
    lines = [f"  {name:16}{pid:>8}   127.0.0.1:{port}" for name, pid, port in rows]
    return "\n".join(
        [
            "",
            f"monitor: http://127.0.0.1:{cluster.port}   user: admin   password: {PASSWORD}",
            "",
            f"  {'':16}{'PID':>8}   address",
            *lines,
            "",
            f"{cluster.balancer.active} is the node that is written. Logs are in {cluster.home}. Ctrl-C ends it all.",
        ]
    )


def _revive(cluster: Whole) -> None:
    """Start what has ended. A node that stands still (SIGSTOP) is left alone."""
    for node in cluster.galera.nodes:
        if not node.is_running:
            _start(node.name, node, node.start)
    for number, each in enumerate(cluster.processes, start=1):
        if not each.is_running:
            _start(f"monitor {number}", each, each.start)
    if not cluster.victoria.is_running:
        _start("VictoriaMetrics", cluster.victoria, cluster.victoria.start)


def _start(name: str, which: GaleraNode | Process | Victoria, start: Callable[[], None]) -> None:
    began = time.monotonic()
    try:
        start()
    except (AssertionError, RuntimeError) as error:  # tried again
        print(f"{name} did not start: {error}", flush=True)
        return
    pid = which.process.pid if isinstance(which, Process) else which.pid
    print(f"{name} had ended; it is back after {time.monotonic() - began:.0f} s with PID {pid}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
