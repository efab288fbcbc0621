"""Which steps a downgrade undoes, and what is lost with them."""

import re
from typing import NamedTuple

from monitor.adapters.persistence.engine.halves import MigrationRefused
from monitor.adapters.persistence.engine.schema_scripts import Described, described

NO_LOSS = "Nothing is lost."
_STEPS = re.compile("-[0-9]{1,4}")


class WayBack(NamedTuple):
    """To an earlier revision ("": an empty database), and the steps that are undone, the newest first."""

    end: str
    steps: list[Described]

    @property
    def losses(self) -> list[Described]:
        return [step for step in self.steps if step.loss != NO_LOSS]


def way_back(present: str, revision: str) -> WayBack:
    """Return the way from *present* to *revision*: "-1" is one step back, "base" leaves nothing.

    Raises MigrationRefused.
    """
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
    return WayBack(end, [step for step in reversed(done) if step.revision > end])
