"""The migrations that this code knows, found without loading alembic."""

import ast
import re
from functools import cache
from pathlib import Path
from typing import NamedTuple

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


def before(revision: str) -> str:
    """Return the revision before *revision*; "" for the first."""
    return max((each for each in revisions() if each < revision), default="")


def _half_of(revision: str) -> Half:
    """Read it from the text: to import the script would load alembic."""
    found = _HALF.search(revisions()[revision].read_text())
    if found is None:
        raise AssertionError(f"migration {revision} does not say which half of an upgrade it belongs to")
    return Half(found[1])


class Described(NamedTuple):
    """What a step brings, and what is lost on the way back (what it brought, where it does not say)."""

    revision: str
    title: str
    loss: str


@cache
def described() -> tuple[Described, ...]:
    """Return all steps in order. Their scripts say it: the first lines of the module and of its `downgrade`."""
    return tuple(_described(revision, path.read_text()) for revision, path in sorted(revisions().items()))


def _described(revision: str, script: str) -> Described:
    module = ast.parse(script)
    [back] = [each for each in module.body if isinstance(each, ast.FunctionDef) and each.name == "downgrade"]
    title, loss = ((ast.get_docstring(each) or "").partition("\n")[0] for each in (module, back))
    return Described(revision, title, loss or title)


def scripts() -> Path:
    """Return alembic's directory: in the installed package, or beside `src` in a checkout."""
    package = Path(__file__).resolve().parents[3]
    installed, in_checkout = package / "_alembic", package.parents[1] / "alembic"
    return installed if installed.is_dir() else in_checkout
