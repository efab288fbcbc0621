"""`monitor history move`: into a real VictoriaMetrics and back, and a server that reads there."""

from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from monitor.adapters.persistence.store import SqlStore
from monitor.adapters.victoria.address import parsed_address
from monitor.application.history import tiers
from monitor.application.history.blocks import NO_ARCHIVE, Archive
from monitor.assembly import archive_at
from monitor.domain.fleet.servers import ServerId
from monitor.domain.history.frames import Frame, is_same
from tests.contracts.builders import ADMIN
from tests.integration.cli.running import run
from tests.integration.victoria import Victoria, private_victoria

pytestmark = pytest.mark.nightly

END = datetime.now(UTC).replace(minute=0, second=0, microsecond=0) - timedelta(days=3)


@pytest.fixture
def victoria(tmp_path: Path) -> Iterator[Victoria]:
    directory = tmp_path / "victoria"
    directory.mkdir()
    with private_victoria(directory) as server:
        yield server


def simulate(home: Path, settings: dict[str, str], servers: int, days: float) -> None:
    asked = ("--servers", str(servers), "--days", str(days), "--end", f"{END:%Y-%m-%d %H}:00:00")
    done = run(home, "simulate", *asked, settings=settings)
    assert done.returncode == 0, done.stderr


def everything(home: Path, archive: Archive = NO_ARCHIVE) -> list[Frame]:
    """All samples, and the ten-minute and hourly rollups, of each server."""
    with closing(SqlStore(f"sqlite:///{home / 'data' / 'monitor.db'}", pool_size=2, archive=archive)) as store:
        found = []
        for server_id in map(ServerId, (1, 2)):
            found.append(tiers.frame(store.queries, ADMIN, server_id, END - timedelta(days=2), END))
            first, last = (int((END - timedelta(days=back)).timestamp()) * 10**6 for back in (2, 0))
            found += [
                tiers.rollups(store.queries, ADMIN, server_id, width, first, last, ["cpu", "disk:/"])
                for width in (600, 3600)
            ]
        return found


def test_history_moves_and_returns(tmp_path: Path, victoria: Victoria) -> None:
    """A second call has nothing to do; an outage, or a missing setting, is one line."""
    settings = {"MONITOR_DATA_DIR": str(tmp_path / "data")}
    simulated = run(
        tmp_path, "simulate", "--servers", "2", "--days", "2", "--end", f"{END:%Y-%m-%d %H}:00:00", settings=settings
    )
    assert simulated.returncode == 0, simulated.stderr
    before = everything(tmp_path)
    assert len(before[0]) > 5_000

    with_url = settings | {"HISTORY_URL": victoria.url}
    assert f"to be moved to {victoria.url}" in run(tmp_path, "history", "status", settings=with_url).stdout
    moved = run(tmp_path, "history", "move", "--to", victoria.url, settings=settings)
    assert moved.returncode == 0, moved.stderr
    assert "blocks moved and read back equal" in moved.stderr
    assert f"now set HISTORY_URL to {victoria.url}" in moved.stderr
    with pytest.raises(Exception, match="HISTORY_URL"):
        everything(tmp_path)
    archive = archive_at(parsed_address(victoria.url))
    assert all(is_same(old, new) for old, new in zip(before, everything(tmp_path, archive), strict=True))
    assert '"server":"1"' in (
        victoria.get('/api/v1/series?match[]=monitor_sample{metric="cpu"}&start=2020-01-01') or ""
    )

    again = run(tmp_path, "history", "move", "--to", victoria.url, settings=with_url)
    assert (again.returncode, again.stderr.count("now set")) == (0, 0), again.stderr
    assert "0 blocks moved" in again.stderr
    status = run(tmp_path, "history", "status", settings=with_url).stdout
    assert (f"lie at {victoria.url}" in status, "to be moved" in status) == (True, False)

    refused = run(tmp_path, "history", "move", "--to", "database", settings=settings)
    assert (refused.returncode, refused.stderr.count("\n")) == (2, 1)
    victoria.stop()
    failed = run(tmp_path, "history", "move", "--to", "database", settings=with_url)
    assert (failed.returncode, "does not answer" in failed.stderr) == (1, True), failed.stderr
    victoria.start()
    back = run(tmp_path, "history", "move", "--to", "database", settings=with_url)
    assert back.returncode == 0, back.stderr
    assert all(is_same(old, new) for old, new in zip(before, everything(tmp_path), strict=True))


def test_what_victoria_would_delete_too_early_stays(tmp_path: Path) -> None:
    """It keeps a month by default."""
    settings = {"MONITOR_DATA_DIR": str(tmp_path / "data")}
    simulate(tmp_path, settings, servers=1, days=0.5)
    directory = tmp_path / "victoria"
    directory.mkdir()
    with private_victoria(directory, "-retentionPeriod=1") as victoria:
        moved = run(tmp_path, "history", "move", "--to", victoria.url, settings=settings)
    assert moved.returncode == 0, moved.stderr
    assert "0 blocks moved" in moved.stderr
    assert "-retentionPeriod" in moved.stderr


@pytest.mark.parametrize("target", ["nonsense", "ftp://x", "http://a,http://b,http://c"])
def test_a_wrong_address_is_refused_in_one_line(tmp_path: Path, target: str) -> None:
    refused = run(tmp_path, "history", "move", "--to", target, settings={"MONITOR_DATA_DIR": str(tmp_path / "data")})
    assert (refused.returncode, refused.stderr.count("\n")) == (1, 1)
