"""Three real MariaDB servers in a Galera cluster on loopback, to kill, stop and bring back."""

import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Any

import pymysql

from scripts.system import SEARCH_PATH
from tests.integration.cli.running import wait_for
from tests.integration.mariadb import OPTIONS, MariaDb, MariaDbError
from tests.integration.ports import free_port

NODES = 3
SYNCED = "4"
"""`wsrep_local_state` of a node that has all that the others have."""
_PROVIDERS = ("/usr/lib/galera/libgalera_smm.so", "/usr/lib64/galera-4/libgalera_smm.so")
_COPYING = ("wsrep_sst_rsync", "wsrep_sst_common")
_POSITION = re.compile(r"Recovered position:?\s*([0-9a-f-]{36}:-?\d+)")


class GaleraNode(MariaDb):
    """A server of a cluster. *original*: one that is stopped, as whose copy it begins."""

    def __init__(self, directory: Path, name: str, original: "GaleraNode | None" = None) -> None:
        self.name = name
        self.group_port = free_port()
        self.peers: list[GaleraNode] = [self]
        self._original = original
        self._programs = directory / "bin"
        super().__init__(directory, [*OPTIONS, *_options(name, self.group_port)])

    def start(self) -> None:
        """Join the others, also after a crash, and return once it has all that they have."""
        if not self.is_running:
            # Who comes back before the others miss it takes half a minute: neither side knows the other's view.
            wait_for(lambda: not any(self._is_known_to(node) for node in self.peers), f"{self.name} to be missed")
            self._launch(f"--wsrep-start-position={self._position()}")
            self.wait_until_synced()

    def found(self) -> None:
        """Start as the first node of a cluster."""
        self._launch("--wsrep-new-cluster")
        self.wait_until_synced()

    def _is_known_to(self, node: "GaleraNode") -> bool:
        return node.is_running and f"127.0.0.1:{self.port}" in node.status().get("wsrep_incoming_addresses", "")

    def wait_until_synced(self) -> None:
        wait_for(lambda: self.is_synced, f"{self.name} to be synced")

    @property
    def is_synced(self) -> bool:
        """Whether it belongs to a group that may write, and has all that the others have."""
        status = self.status()
        return status.get("wsrep_local_state") == SYNCED and status.get("wsrep_ready") == "ON"

    def status(self) -> dict[str, str]:
        """Its `wsrep_…` status; empty if it does not answer."""
        with suppress(pymysql.err.Error):
            return dict(self.rows("SHOW GLOBAL STATUS LIKE 'wsrep%'"))
        return {}

    def rows(self, statement: str, database: str | None = None) -> list[tuple[Any, ...]]:
        """What it answers, on a connection of its own."""
        with closing(self._connect(database)) as connection, connection.cursor() as cursor:
            cursor.execute(statement)
            return list(cursor.fetchall())

    def _command(self, *options: str) -> list[str]:
        group = ",".join(f"127.0.0.1:{node.group_port}" for node in self.peers)
        return super()._command(
            f"--wsrep-cluster-address=gcomm://{group}",
            f"--wsrep-node-incoming-address=127.0.0.1:{self.port}",
            *options,
        )

    def _position(self) -> str:
        """How far its files are. Without it a node that was killed gets a copy of all data, and the giver waits."""
        done = subprocess.run(
            self._command("--wsrep-recover"), capture_output=True, text=True, check=False, env=self._environment()
        )
        found = _POSITION.search(done.stderr)
        if found is None:
            raise MariaDbError(f"no position of {self.name}:\n{done.stderr[-4000:]}")
        return found[1]

    def _environment(self) -> dict[str, str]:
        return {**os.environ, "PATH": f"{self._programs}{os.pathsep}{SEARCH_PATH}"}

    def _install(self) -> None:
        # Copied, since the account that the server runs as may not read a checkout.
        self._programs.mkdir()
        for name in _COPYING:
            program = shutil.which(name, path=SEARCH_PATH)
            if program is None:
                raise MariaDbError(f"{name} is not there: `make test` takes it out of Debian's mariadb-server")
            shutil.copy2(program, self._programs)
        if self._original is None:
            super()._install()
        else:
            subprocess.run(["cp", "-a", self._original.directory / "data", self.directory], check=True)


def _options(name: str, group_port: int) -> list[str]:
    provider = next((path for path in _PROVIDERS if Path(path).exists()), None)
    if provider is None:
        raise MariaDbError("Galera is not installed (Debian: sudo apt-get install galera-4)")
    settings = {
        "base_host": "127.0.0.1",
        "base_port": group_port,
        "gmcast.listen_addr": f"tcp://127.0.0.1:{group_port}",
        "ist.recv_addr": f"127.0.0.1:{free_port()}",
        "gcache.size": "32M",  # from here a node is given what it missed, if that is still there
    }
    return [
        "--wsrep-on=ON",
        f"--wsrep-provider={provider}",
        f"--wsrep-provider-options={';'.join(f'{key}={value}' for key, value in settings.items())}",
        f"--wsrep-node-name={name}",
        "--wsrep-node-address=127.0.0.1",
        "--wsrep-sst-method=rsync",
        f"--wsrep-sst-receive-address=127.0.0.1:{free_port()}",
        "--binlog-format=ROW",
        "--innodb-autoinc-lock-mode=2",
    ]


class Galera:
    """The nodes of a cluster, by name `node1` to `node3`."""

    def __init__(self, directory: Path) -> None:
        """Start them, each with its files below *directory*."""
        self.nodes: list[GaleraNode] = []
        self._databases = 0
        try:
            self._start(directory)
        except BaseException:
            self.kill()
            raise

    def _start(self, directory: Path) -> None:
        self.nodes.append(first := GaleraNode(_folder(directory, "node1"), "node1"))
        # As copies of the first the others need no transfer of its data, which takes seconds.
        first.found()
        first.stop()
        for number in range(1, NODES):
            name = f"node{number + 1}"
            self.nodes.append(GaleraNode(_folder(directory, name), name, first))
        for node in self.nodes:
            node.peers = self.nodes
        first.found()
        with ThreadPoolExecutor() as pool:
            list(pool.map(GaleraNode.start, self.nodes[1:]))

    def create_database(self) -> str:
        """Make an empty database on all nodes and return its name."""
        self._databases += 1
        name = f"test_{self._databases}"
        self.nodes[0].execute(f"CREATE DATABASE {name} CHARACTER SET utf8mb4")
        return name

    def drop_database(self, name: str) -> None:
        self.nodes[0].execute(f"DROP DATABASE IF EXISTS {name}")

    @property
    def is_whole(self) -> bool:
        """Whether all nodes belong to one group of all, as each of them sees it, and have everything."""
        seen = [node.status() for node in self.nodes if node.is_running and node.is_synced]
        sizes = {(status.get("wsrep_cluster_size"), status.get("wsrep_cluster_conf_id")) for status in seen}
        return len(seen) == NODES and len(sizes) == 1 and sizes.pop()[0] == str(NODES)

    def heal(self) -> None:
        """Bring back each node that was killed, stopped or paused, and wait until all have everything.

        One at least must have gone on.
        """
        for node in self.nodes:
            node.resume()
        for node in self.nodes:
            node.start()
        wait_for(lambda: self.is_whole, "a whole cluster")

    def kill(self) -> None:
        """End all at once."""
        for node in self.nodes:
            node.kill()


def _folder(directory: Path, name: str) -> Path:
    (folder := directory / name).mkdir()
    return folder


@contextmanager
def private_galera(place: str | None = None) -> Iterator[Galera]:
    """A running cluster for the time of a `with`. *place*: else where temporary files go.

    Raises MariaDbError if it is not installed, or does not start.
    """
    directory = Path(tempfile.mkdtemp(prefix="monitor-galera-", dir=place))
    directory.chmod(0o711)  # each node's own folder belongs to the account that it runs as
    cluster = None
    try:
        cluster = Galera(directory)
        yield cluster
    finally:
        if cluster is not None:
            cluster.kill()
        shutil.rmtree(directory, ignore_errors=True)
