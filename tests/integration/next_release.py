"""The release after this one, as an installed package: this code with two more migrations, and tables to match.

It gives a column of `monitor_data` another name. The expansion adds it under the new one, and the contract removes the
old.
"""

import shutil
from compileall import compile_dir
from pathlib import Path

import monitor
from monitor.adapters.persistence.engine.migration_plans import newest_revision, scripts

OLD, NEW = "report_interval", "declared_interval"
VERSION = "1.1.0"
_CHANGES = (
    ("tables/history.py", f'Column("{OLD}", Double)', f'Column("{NEW}", Double, key="{OLD}")'),
    ("history/sample_inserts.py", f'"{OLD}) VALUES "', f'"{NEW}) VALUES "'),
    ("history/samples.py", f"quote({OLD})", f"quote({NEW})"),
    ("history/samples.py", f"COALESCE({OLD},", f"COALESCE({NEW},"),
)
_MIGRATION = """
import sqlalchemy as sa
from alembic import op

revision = "{revision}"
down_revision = "{before}"
branch_labels = None
depends_on = None
HALF = "{half}"


def upgrade() -> None:
    {up}


def downgrade() -> None:
    {down}
"""
_EXPAND = (
    'op.add_column("monitor_data", sa.Column("declared_interval", sa.Double))',
    'op.drop_column("monitor_data", "declared_interval")',
)
_CONTRACT = (
    'op.execute("UPDATE monitor_data SET declared_interval = report_interval WHERE declared_interval IS NULL")\n'
    '    op.drop_column("monitor_data", "report_interval")',
    'op.add_column("monitor_data", sa.Column("report_interval", sa.Double))\n'
    '    op.execute("UPDATE monitor_data SET report_interval = declared_interval")',
)


def next_release(directory: Path) -> dict[str, str]:
    """Install it into *directory*, which is empty; return the variables with which `python -m monitor` is that."""
    package = directory / "monitor"
    unwanted = shutil.ignore_patterns("__pycache__", "_alembic")
    shutil.copytree(Path(monitor.__file__).parent, package, ignore=unwanted)
    shutil.copytree(scripts(), package / "_alembic", ignore=unwanted)
    for name, old, new in _CHANGES:
        file = package / "adapters" / "persistence" / name
        assert file.read_text().count(old) == 1, (name, old)
        file.write_text(file.read_text().replace(old, new))
    before = newest_revision()
    for half, (up, down) in (("expand", _EXPAND), ("contract", _CONTRACT)):
        revision = f"{int(before) + 1:04d}"
        text = _MIGRATION.format(revision=revision, before=before, half=half, up=up, down=down)
        (package / "_alembic" / "versions" / f"{revision}_next_{half}.py").write_text(text)
        before = revision
    (installed := directory / f"monitor-{VERSION}.dist-info").mkdir()
    (installed / "METADATA").write_text(f"Metadata-Version: 2.1\nName: monitor\nVersion: {VERSION}\n")
    compile_dir(directory, quiet=1)  # or each start would do it
    return {"PYTHONPATH": str(directory)}
