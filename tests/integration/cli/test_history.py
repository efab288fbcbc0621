"""`monitor history`: sealing, and the sizes of the tiers."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from tests.integration.cli.running import run


def test_seal_and_show_the_sizes(tmp_path: Path) -> None:
    """All samples are sealed. Rows stay only for each host's newest hour and the one before."""
    settings = {"MONITOR_DATA_DIR": str(tmp_path / "data")}
    end = f"{datetime.now(UTC) - timedelta(days=1):%Y-%m-%d} 12:00:00"  # the half day before is of one day: 1 rollup
    assert 0 == run(tmp_path, "simulate", "--servers", "3", "--days", "0.5", "--end", end, settings=settings).returncode
    before = status(tmp_path, settings)
    samples = before["raw samples"][0]
    sealed = run(tmp_path, "history", "seal", "--before", end, settings=settings)
    assert (0, "") == (sealed.returncode, sealed.stdout), sealed.stderr
    newly, went = (int(part.split()[0].replace(",", "")) for part in sealed.stderr.splitlines()[-1].split(", "))
    after = status(tmp_path, settings)
    assert [samples, 0, 0, 0] == [before[tier][0] for tier in before]
    assert samples == newly > went > samples / 2
    assert samples - went == after["raw samples"][0]
    assert samples == after["sealed chunks"][1]
    assert after["1-hour rollups"][0] == 3
    again = run(tmp_path, "history", "seal", settings=settings)
    assert again.stderr.splitlines()[-1] == "0 samples sealed, 0 rows gone"


def test_a_wrong_time_is_refused_in_one_line(tmp_path: Path) -> None:
    refused = run(tmp_path, "history", "seal", "--before", "yesterday")
    assert (1, 1) == (refused.returncode, refused.stderr.count("\n"))
    assert "before" in refused.stderr


def status(home: Path, settings: dict[str, str]) -> dict[str, tuple[int, int]]:
    """Return rows and samples by tier."""
    lines = run(home, "history", "status", settings=settings).stdout.splitlines()[1:5]
    number = [(line[:20].strip(), line[20:34], line[34:50]) for line in lines]
    return {
        name: (int(rows.replace(",", "")), int(samples.strip().replace(",", "") or 0)) for name, rows, samples in number
    }
