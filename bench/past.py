"""History for the benchmark: simulated hosts in the product's database, and the same samples for others."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path

from bench import environment
from bench.pieces import Piece
from bench.stage import Stage
from bench.targets.product import settings_for
from monitor.adapters.persistence.engine import migrations
from monitor.application.history import tiers
from monitor.application.history.sealing import SealHistory
from monitor.cli.core import ensure_first_admin, first_admin, opened
from monitor.container import Container
from monitor.domain.accounts.actors import Actor
from monitor.domain.fleet.servers import Server
from monitor.domain.intake.samples import COLUMN_METRICS
from monitor.settings import load

_SLOT = timedelta(hours=6)


def simulate(stage: Stage, url: str, *, servers: int, days: float) -> None:
    """Run `monitor simulate`."""
    command = [environment.product(), "-m", "monitor", "simulate", "--servers", str(servers), "--days", f"{days:g}"]
    stage.program(command, "simulate", settings_for(url) | {"MONITOR_DATA_DIR": str(stage.directory)}).finish()


@contextmanager
def core(url: str, directory: Path) -> Iterator[Container]:
    """Open the product's container on a database, and create its tables."""
    settings = load(settings_for(url), data_dir=directory)
    migrations.upgrade(url)
    with opened(settings) as container:
        container.fleet.refresh()
        yield container


def administrator(container: Container) -> Actor:
    ensure_first_admin(container, default_password=True)
    return first_admin(container, "bench")


def seal(container: Container) -> None:
    """Seal everything that the background job would have sealed by now."""
    kept = container.fleet.directory.preferences.raw_days
    for _ in container.get(SealHistory)(container.clock.now() - timedelta(days=kept), in_turn=False):
        pass


def servers_of(container: Container) -> list[Server]:
    return sorted(container.fleet.directory.servers.values(), key=lambda server: server.id)


def slots(container: Container, servers: Sequence[Server], start: datetime, end: datetime) -> Iterator[list[Piece]]:
    """Yield the stored samples of start..end: some hours of every server, then the next hours."""
    actor = administrator(container)
    at = start
    while at < end:
        until = min(at + _SLOT, end)
        found = [tiers.frame(container.queries, actor, each.id, at, until, COLUMN_METRICS) for each in servers]
        yield [Piece(server, frame) for server, frame in zip(servers, found, strict=True) if len(frame)]
        at = until
