"""The two halves of an upgrade, and which migrations are run in each. See decision 36.

The migrations of a release first expand the schema, then contract it. Old and new processes run side by side on an
expanded one.
"""

from collections.abc import Iterable, Sequence
from enum import StrEnum
from itertools import takewhile
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


def last_to_expand(pending: Sequence[Migration]) -> str | None:
    """Return the revision to which *pending*, in order, expand the schema; None: there is nothing to expand.

    Raises MigrationRefused if expansions lie behind a contract.
    """
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
    """Return the revision to which *pending* contract the schema for one release; None: there is nothing to contract.

    Raises MigrationRefused if the schema is to be expanded first.
    """
    if pending and pending[0].half is Half.EXPAND:
        raise MigrationRefused("the schema is not expanded: first run `monitor db upgrade --expand`")
    first = _leading(pending, Half.CONTRACT)
    return first[-1].revision if first else None


def newest_contract(migrations: Iterable[Migration]) -> str:
    """Return its revision; "" if there is none. Code that does not know it does not run on a schema with it."""
    return max((migration.revision for migration in migrations if migration.half is Half.CONTRACT), default="")


def _leading(pending: Sequence[Migration], half: Half) -> list[Migration]:
    return list(takewhile(lambda migration: migration.half is half, pending))
