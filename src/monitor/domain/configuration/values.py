"""Values of a file: how each kind is checked and read, and how it is written."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from math import isfinite
from typing import Any, TypeVar

from monitor.domain.configuration.configuration import Path
from monitor.domain.configuration.references import References
from monitor.domain.errors import InvalidInput, Problem

T = TypeVar("T")
Plain = Any
"""None, a bool, number or text, or a list or mapping (with text as keys) of these."""


class Unread(Exception):
    """A value cannot be read. *path*: within the value."""

    def __init__(self, problem: Problem, path: Path = ()) -> None:
        super().__init__(problem.code)
        self.problem = problem
        self.path = path


@contextmanager
def at(place: str | int) -> Iterator[None]:
    """Add *place* to the path of what cannot be read."""
    try:
        yield
    except Unread as error:
        raise Unread(error.problem, (place, *error.path)) from None


def wrong_type(expected: str) -> Unread:
    return Unread(Problem("wrong_type", {"expected": expected}))


@dataclass(frozen=True, slots=True)
class Form:
    """How one kind of value is read (raises Unread) and written. *path*: where the value stands."""

    read: Callable[[Plain, References, Path], Any]
    write: Callable[[Any, References], Plain]


def simple(read: Callable[[Plain], Any], write: Callable[[Any], Plain] = lambda value: value) -> Form:
    """Return the form of values that refer to nothing."""
    return Form(lambda value, refs, path: read(value), lambda value, refs: write(value))


def text(value: Plain) -> str:
    if not isinstance(value, str):
        raise wrong_type("text in quotes" if isinstance(value, int | float) else "text")
    return value


def number(value: Plain) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise wrong_type("number")
    try:
        found = float(value)
    except OverflowError:
        raise Unread(Problem("not_finite")) from None
    if not isfinite(found):
        raise Unread(Problem("not_finite"))
    return found


def whole(value: Plain) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise wrong_type("integer")
    if abs(value) >= 2**31:
        raise Unread(Problem("out_of_range", {"low": -(2**31) + 1, "high": 2**31 - 1}))
    return value


def flag(value: Plain) -> bool:
    if not isinstance(value, bool):
        raise wrong_type("true or false")
    return value


def span(value: Plain) -> timedelta:
    """Read seconds."""
    try:
        return timedelta(seconds=number(value))
    except OverflowError:
        raise Unread(Problem("not_finite")) from None


def moment(value: Plain) -> datetime:
    """Read YYYY-MM-DD HH:MM:SS in UTC."""
    try:
        return datetime.strptime(text(value), "%Y-%m-%d %H:%M:%S").replace(tzinfo=UTC)
    except ValueError:
        raise Unread(Problem("invalid_time")) from None


def choice(choices: Mapping[str, T]) -> Form:
    """Return the form of one of *choices*, which are written by name."""
    names = {value: name for name, value in choices.items()}

    def read(value: Plain) -> T:
        if not isinstance(value, str) or value not in choices:
            raise Unread(Problem("not_one_of", {"choices": ", ".join(choices)}))
        return choices[value]

    return simple(read, names.__getitem__)


def members(value: Plain) -> list[tuple[Path, str]]:
    """Read a list of texts, each with its place."""
    return listed(value, lambda each, place: ((place,), text(each)))


def listed(value: Plain, read: Callable[[Plain, int], T]) -> list[T]:
    """Read a list. *read*: gets each value with its place."""
    if not isinstance(value, list):
        raise wrong_type("list")
    found: list[T] = []
    for place, each in enumerate(value):
        with at(place):
            found.append(read(each, place))
    return found


def mapping(value: Plain) -> Mapping[str, Plain]:
    if not isinstance(value, dict):
        raise wrong_type("mapping")
    return value


def known(value: Mapping[str, Plain], names: tuple[str, ...]) -> None:
    """Check that *value* has no other names."""
    for name in value:
        if name not in names:
            raise Unread(Problem("unknown_field"), (name,))


def shortest(value: float) -> int | float:
    """Return a whole number as an int: 70.0 is written as 70."""
    return int(value) if value.is_integer() and abs(value) < 2**53 else value


def built(make: Callable[[], T]) -> T:
    """Return what *make* does; a value that it refuses is Unread."""
    try:
        return make()
    except InvalidInput as error:
        name, problem = next(iter(error.problems.items()))
        raise Unread(problem, place_of(name)) from None


def place_of(name: str) -> Path:
    """Return the path of a field such as "hours.0.from"."""
    return tuple(int(part) if part.isdecimal() else part for part in name.split("."))


def optional(form: Form) -> Form:
    """Return the form of a value that may be null."""
    return Form(
        lambda value, refs, path: None if value is None else form.read(value, refs, path),
        lambda value, refs: None if value is None else form.write(value, refs),
    )


TEXT = simple(text)
NUMBER = simple(number, shortest)
WHOLE = simple(whole)
FLAG = simple(flag)
SECONDS = simple(span, lambda value: shortest(value.total_seconds()))
MOMENT = simple(moment, lambda value: value.isoformat(" ", "seconds")[:19])
TAGS = simple(lambda value: frozenset(name for _, name in members(value)), sorted)


def named(kind: str) -> Form:
    """Return the form of one id, as a name."""
    return Form(
        lambda value, refs, path: refs.id_of(kind, text(value), path), lambda value, refs: refs.name_of(kind, value)
    )


def all_named(kind: str) -> Form:
    """Return the form of a set of ids, as a list of names."""
    return Form(
        lambda value, refs, path: frozenset(refs.id_of(kind, name, (*path, *place)) for place, name in members(value)),
        lambda value, refs: sorted(refs.name_of(kind, each) for each in value),
    )


def in_order(kind: str) -> Form:
    """Return the form of ids whose order matters, as a list of names."""
    return Form(
        lambda value, refs, path: tuple(refs.id_of(kind, name, (*path, *place)) for place, name in members(value)),
        lambda value, refs: [refs.name_of(kind, each) for each in value],
    )
