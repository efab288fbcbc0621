"""The migrations that this code knows, and which of them an upgrade or a downgrade runs. Needs no alembic.

The migrations of a release first expand the schema, then contract it. Old and new processes run side by side on an
expanded one. See decision 36.
"""

import ast
import re
from collections.abc import Iterable, Sequence
from enum import StrEnum
from functools import cache
from itertools import takewhile
from pathlib import Path
from typing import NamedTuple

from monitor.domain.errors import MonitorError


class MigrationRefused(MonitorError):
    """The revision does not exist, or the database's state allows no migration; the text says why."""

    reason = "migration_refused"


class Half(StrEnum):
    """What a migration does, as its constant HALF says."""

    EXPAND = "expand"
    """Add what the code before does not know and can leave alone."""
    CONTRACT = "contract"
    """Remove, rename or narrow what the code before uses."""


class Migration(NamedTuple):
    revision: str
    half: Half

    def heavy(self) -> list[tuple[str, str]]:
        """Return what it does to tables that grow ("index", "alerts"), as its constant HEAVY says."""
        found = _HEAVY.search(revisions()[self.revision].read_text())
        return [(way, table) for way, table in map(str.split, found[1].split(","))] if found else []


def last_to_expand(pending: Sequence[Migration]) -> str | None:
    """Return the last of *pending* that expands the schema, or None. Raises MigrationRefused after a contract."""
    first = _leading(pending, Half.EXPAND)
    if not any(migration.half is Half.EXPAND for migration in pending[len(first) :]):
        return first[-1].revision if first else None
    if first:
        raise MigrationRefused(
            "this upgrade spans more than one release, so old and new processes can't run side by side: install the "
            "releases between one after the other, or stop all processes and run `monitor db upgrade`"
        )
    raise MigrationRefused("the upgrade before this one is not finished: first run `monitor db upgrade --contract`")


def last_to_contract(pending: Sequence[Migration]) -> str | None:
    """Return the last of *pending* of one release's contracts, or None. Raises MigrationRefused before an expansion."""
    if pending and pending[0].half is Half.EXPAND:
        raise MigrationRefused("the schema is not expanded: first run `monitor db upgrade --expand`")
    first = _leading(pending, Half.CONTRACT)
    return first[-1].revision if first else None


def newest_contract(migrations: Iterable[Migration]) -> str:
    """Return its revision; "" if there is none. Code that does not know it does not run on a schema with it."""
    return max((migration.revision for migration in migrations if migration.half is Half.CONTRACT), default="")


def _leading(pending: Sequence[Migration], half: Half) -> list[Migration]:
    return list(takewhile(lambda migration: migration.half is half, pending))


_HALF = re.compile(r'^HALF = "(\w+)"$', re.MULTILINE)
_HEAVY = re.compile(r'^HEAVY = "(.+)"$', re.MULTILINE)


@cache
def revisions() -> dict[str, Path]:
    """Return the script of each revision. Cached: an upgrade may bring further ones while this code runs."""
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


NO_LOSS = "Nothing is lost."
_STEPS = re.compile("-[0-9]{1,4}")


class DowngradePath(NamedTuple):
    """To an earlier revision ("": an empty database), and the steps that are undone, the newest first."""

    end: str
    steps: list[Described]

    @property
    def losses(self) -> list[Described]:
        return [step for step in self.steps if step.loss != NO_LOSS]


def downgrade_path(present: str, revision: str) -> DowngradePath:
    """Return the way from *present* to *revision*, such as "-1" (one step) or "base". Raises MigrationRefused."""
    done = [step for step in described() if step.revision <= present]
    known = ["", *(step.revision for step in done)]
    if _STEPS.fullmatch(revision) and (count := int(revision[1:])) < len(known):
        end = known[-1 - count]
    elif revision == "base":
        end = ""
    elif revision in known[1:]:
        end = revision
    else:
        raise MigrationRefused(
            f"there is no revision {revision!r} before the database's, {present or 'none'}: see `monitor db history`"
        )
    return DowngradePath(end, [step for step in reversed(done) if step.revision > end])
