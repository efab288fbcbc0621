"""Real programs around remote-write: node-exporter, and a Prometheus or vmagent that scrapes it once a second."""

import shutil
import signal
import subprocess
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from scripts.system import SEARCH_PATH
from tests.integration.cli.running import wait_for
from tests.integration.ports import free_port


class Program:
    """A program that keeps its port and directory when it is stopped, killed and started again."""

    def __init__(self, directory: Path, *names: str) -> None:
        found = [path for name in names if (path := shutil.which(name, path=SEARCH_PATH))]
        assert found, f"{names[0]} is not installed"
        self.path = found[0]
        self.directory = directory
        self.port = free_port()
        self.flags: list[str] = []
        self._process: subprocess.Popen[bytes] | None = None
        directory.mkdir()

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.port}"

    @property
    def said(self) -> str:
        return (self.directory / "log").read_text()

    def start(self) -> None:
        """Return once it answers."""
        with (self.directory / "log").open("ab") as log:
            self._process = subprocess.Popen(
                [self.path, *self.flags], stdout=log, stderr=log, cwd=self.directory, env={"GOMAXPROCS": "1"}
            )
        wait_for(lambda: self.get("/metrics") is not None, f"{self.path} to start")

    def stop(self, *, kill: bool = False) -> None:
        process, self._process = self._process, None
        if process is not None:
            process.send_signal(signal.SIGKILL if kill else signal.SIGTERM)
            process.wait(30)

    def get(self, path: str) -> str | None:
        """None while it does not answer."""
        try:
            with urllib.request.urlopen(f"http://{self.address}{path}", timeout=10) as response:
                return str(response.read().decode())
        except OSError:
            return None


def node_exporter(directory: Path) -> Program:
    program = Program(directory, "prometheus-node-exporter", "node_exporter")
    program.flags = [f"--web.listen-address={program.address}"]
    return program


def scraping(address: str) -> str:
    return f"""\
global: {{scrape_interval: 1s, scrape_timeout: 1s}}
scrape_configs:
- job_name: node
  static_configs: [{{targets: ["{address}"]}}]
"""


def prometheus(directory: Path, scraped: str, url: str, key: str, samples_per_send: int = 2000) -> Program:
    program = Program(directory, "prometheus")
    queue = f"{{max_samples_per_send: {samples_per_send}, batch_send_deadline: 1s, max_backoff: 500ms}}"
    (directory / "prometheus.yml").write_text(
        f"""{scraping(scraped)}
remote_write:
- url: {url}
  authorization: {{credentials: {key}}}
  queue_config: {queue}
"""
    )
    program.flags = [
        f"--config.file={directory / 'prometheus.yml'}",
        f"--storage.tsdb.path={directory / 'data'}",
        f"--web.listen-address={program.address}",
    ]
    return program


def vmagent(directory: Path, scraped: str, url: str, key: str, also: str) -> Program:
    """*also*: where it sends the same a second time."""
    program = Program(directory, "vmagent")
    (directory / "scrape.yml").write_text(scraping(scraped))
    program.flags = [
        f"-promscrape.config={directory / 'scrape.yml'}",
        f"-httpListenAddr={program.address}",
        f"-remoteWrite.url={url}",
        f"-remoteWrite.url={also}",
        "-remoteWrite.basicAuth.username=monitor,",
        f"-remoteWrite.basicAuth.password={key},",
        f"-remoteWrite.tmpDataPath={directory / 'queue'}",
        "-remoteWrite.retryMaxTime=1s",
        "-remoteWrite.showURL",
    ]
    return program


@contextmanager
def running(*programs: Program) -> Iterator[None]:
    try:
        for program in programs:
            program.start()
        yield
    finally:
        for program in programs:
            program.stop()
