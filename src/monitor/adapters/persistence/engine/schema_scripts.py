"""The migrations that this code knows, found without loading alembic."""

import re
from functools import cache
from pathlib import Path

from monitor.adapters.persistence.engine.halves import Half, Migration

_HALF = re.compile(r'^HALF = "(\w+)"$', re.MULTILINE)


@cache
def revisions() -> dict[str, Path]:
    """Return the script of each revision: names begin with them, in order.

    Found once: while a process runs, an upgrade may bring further ones, which its code does not know.
    """
    return {script.name.partition("_")[0]: script for script in (scripts() / "versions").glob("*_*.py")}


def newest_revision() -> str:
    return max(revisions())


def pending_after(revision: str) -> list[Migration]:
    """Return the migrations after *revision* ("": all), in order."""
    return [Migration(each, _half_of(each)) for each in sorted(revisions()) if each > revision]


def _half_of(revision: str) -> Half:
    """Read it from the text: to import the script would load alembic."""
    found = _HALF.search(revisions()[revision].read_text())
    if found is None:
        raise AssertionError(f"migration {revision} does not say which half of an upgrade it belongs to")
    return Half(found[1])


def scripts() -> Path:
    """Return alembic's directory: in the installed package, or beside `src` in a checkout."""
    package = Path(__file__).resolve().parents[3]
    installed, in_checkout = package / "_alembic", package.parents[1] / "alembic"
    return installed if installed.is_dir() else in_checkout
