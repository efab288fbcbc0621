"""Escalations: which step notifies whom, and when, as long as nobody acknowledges.

A step is due some time after the one before has run, so gaps stay as they are after an outage of this server, a
silence, or a parent that was down: then the first step that is due runs, and the next one after its gap.
"""

import re
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from difflib import SequenceMatcher
from enum import StrEnum
from itertools import pairwise
from typing import Any, Generic, NamedTuple, TypeVar

from monitor.domain.accounts.users import username_key
from monitor.domain.errors import Conflict, InvalidInput, Problem, check_list, check_range
from monitor.domain.fleet.teams import EscalationId
from monitor.domain.oncall.limits import MAX_NAME
from monitor.domain.text import checked_name

MAX_STEPS, MAX_TARGETS, MAX_REPEATS = 20, 50, 100
LONGEST = 7 * 86_400
"""Seconds, of a step's *after* and of the time until a repetition."""
LEAST_PAUSE = 60
"""Seconds until a repetition."""
Reached = TypeVar("Reached")
_SECOND = timedelta(seconds=1)
LAST_RESORT = -1
"""In place of a step's number."""
_NOTE = re.compile(r"(?:step (\d+)|last resort) of (.*?)(?: \(again\))?", re.DOTALL)
_NONE = timedelta(0)


class EscalationNameTaken(Conflict, reason="escalation_name_taken"):
    """Another escalation has this name, or one that compares equal."""


class TargetKind(StrEnum):
    USER = "user"
    TEAM = "team"
    ROTA = "rota"
    CHANNEL = "channel"
    LINKED = "linked"


class Target(NamedTuple):
    """Whom a step notifies. *id*: 0 for the people linked to the server."""

    kind: TargetKind
    id: int = 0


@dataclass(frozen=True, slots=True)
class Step:
    """*after*: since the moment at which the page may first go out."""

    after: timedelta
    to: tuple[Target, ...]

    def __post_init__(self) -> None:
        """Raises InvalidInput."""
        check_range("after", self.after // _SECOND, 0, LONGEST)
        check_list("to", self.to, MAX_TARGETS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Escalation:
    """*steps*: by `after`. *repeat_after*: since the last step. *repeats*: how often all steps run again."""

    name: str
    steps: tuple[Step, ...]
    repeat_after: timedelta | None = None
    repeats: int = 0
    id: EscalationId = EscalationId(0)

    def __post_init__(self) -> None:
        """Raises InvalidInput."""
        object.__setattr__(self, "name", checked_name("name", self.name, longest=MAX_NAME))
        check_list("steps", self.steps, MAX_STEPS)
        for place, (before, step) in enumerate(pairwise(self.steps), 1):
            if step.after < before.after:
                raise InvalidInput({f"steps.{place}.after": Problem("before_previous_step")})
        if self.repeat_after is not None:
            check_range("repeat_after", self.repeat_after // _SECOND, LEAST_PAUSE, LONGEST)
        check_range("repeats", self.repeats, 0, MAX_REPEATS)

    @property
    def key(self) -> str:
        """The form in which names are compared and unique, like the names of users."""
        return username_key(self.name)


def checked_escalation(escalation: Escalation) -> Escalation:
    """Return it if it has steps, and each notifies somebody. Raises InvalidInput.

    For input only: of stored ones, all that a step named may have been deleted.
    """
    check_list("steps", escalation.steps, MAX_STEPS, least=1)
    for place, step in enumerate(escalation.steps):
        check_list(f"steps.{place}.to", step.to, MAX_TARGETS, least=1)
    if escalation.repeats and escalation.repeat_after is None:
        raise InvalidInput({"repeat_after": Problem("required")})
    return escalation


class Progress(NamedTuple):
    """What runs next. *turn*: 0, or the number of the repetition. *has_reached*: somebody, in this turn."""

    turn: int
    step: int
    due_at: datetime
    has_reached: bool = False


class Run(NamedTuple, Generic[Reached]):
    """A step that has run. Without *reached*, nobody was on call or reachable, and the next step ran at once."""

    turn: int
    step: int
    reached: Collection[Reached]


def note_of(escalation: Escalation, done: Run[Any]) -> str:
    """Return what timelines say of a step that has run. `noted` reads it."""
    what = "last resort" if done.step == LAST_RESORT else f"step {done.step + 1}"
    return f"{what} of {escalation.name}{' (again)' if done.turn else ''}"


def noted(note: str) -> tuple[int, str] | None:
    """Return the step and the name of the escalation that a note of `note_of` is about; None for any other note."""
    found = _NOTE.fullmatch(note)
    return None if found is None else (int(found[1]) - 1 if found[1] else LAST_RESORT, found[2])


def next_steps(before: Escalation, after: Escalation) -> dict[int, int]:
    """Return the steps of *before* that have another number in *after*, with that number. What comes next is looked up
    here, so it is never behind a step of *before* that has not run. The first step stays: before it, none has run."""
    old, new = ([step.to for step in each.steps] for each in (before, after))
    last = {to: number for number, to in enumerate(new)}
    found: dict[int, int] = {}
    for _, first, end, new_first, new_end in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        for place in range(max(first, 1), end):
            waiting = [last[to] for to in old[place:] if to in last and to not in old[:place]]
            found[place] = min(new_first + place - first, new_end, *waiting)
    return {place: other for place, other in found.items() if place != other}


def begun(escalation: Escalation, at: datetime) -> Progress:
    """*at*: when the page may first go out."""
    return Progress(0, 0, at + (escalation.steps[0].after if escalation.steps else _NONE))


def run(
    escalation: Escalation,
    progress: Progress,
    now: datetime,
    reach: Callable[[Step | None], Collection[Reached]],
) -> tuple[list[Run[Reached]], Progress | None]:
    """Run what is due. Return that, and what comes next; None after the end.

    *reach*: whom a step reaches now; None for the last resort, which runs after a turn that has reached nobody. Where
    the escalation has fewer steps by now, the turn is over.
    """
    runs: list[Run[Reached]] = []
    coming: Progress | None = progress
    while coming is not None and coming.due_at <= now:
        turn, step, _, has_reached = coming
        if step < len(escalation.steps):
            reached = reach(escalation.steps[step])
            runs.append(Run(turn, step, reached))
            has_reached = has_reached or bool(reached)
            if step + 1 < len(escalation.steps):
                gap = _gap(escalation, step) if reached else _NONE
                coming = Progress(turn, step + 1, now + gap, has_reached)
                continue
        if not has_reached:
            runs.append(Run(turn, LAST_RESORT, reach(None)))
        coming = _next_turn(escalation, turn, now)
    return runs, coming


def _gap(escalation: Escalation, step: int) -> timedelta:
    return escalation.steps[step + 1].after - escalation.steps[step].after


def _next_turn(escalation: Escalation, turn: int, now: datetime) -> Progress | None:
    if escalation.repeat_after is None or turn >= escalation.repeats:
        return None
    return Progress(turn + 1, 0, now + escalation.repeat_after)
