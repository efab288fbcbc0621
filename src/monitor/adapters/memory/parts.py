"""Base classes of repositories and queries."""

import threading
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Generic, Protocol

from monitor.adapters.memory.state import State
from monitor.adapters.memory.table import K, Table, V


class Database:
    """One committed state for all readers, and one writer at a time that may replace it."""

    def __init__(self) -> None:
        self.state = State()
        self._writing = threading.Lock()
        self._writer: int | None = None

    def begin(self) -> State:
        """Wait until no other unit of work is open, and begin one. Raises RuntimeError if this thread has one open."""
        me = threading.get_ident()
        if self._writer == me:
            raise RuntimeError("this thread has a unit of work open already; a second one would wait for ever")
        self._writing.acquire()
        self._writer = me
        return self.draft()

    def draft(self) -> State:
        return State(self.state.stored, self.state.last_ids)

    def end(self) -> None:
        self._writer = None
        self._writing.release()


class Source(Protocol):
    """A unit of work, or a database, whose state is what is committed."""

    state: State


class MemoryPart:
    """Repository of a unit of work, or queries of a database. *name*: of the table that they are about."""

    name: str

    def __init__(self, source: Source) -> None:
        self._source = source

    @property
    def _state(self) -> State:
        return self._source.state

    @property
    def _table(self) -> Table[Any, Any]:
        return self._state.table(self.name)


class Rows(MemoryPart, Generic[K, V]):
    """Repository of a table whose rows have ids. It has no `get`, which may depend on the actor."""

    @property
    def _table(self) -> Table[K, V]:
        return self._state.table(self.name)

    def add(self, row: V) -> V:
        return self._table.add(row)

    def save(self, row: V) -> None:
        self._table.save(row)

    def delete(self, key: K) -> None:
        self._table.delete(key)

    def all(self) -> list[V]:
        return self._table.in_order()


class Entities(Rows[K, V]):
    """Repository of rows that anybody may get by id. `get` and `delete` raise NotFound."""

    def get(self, key: K) -> V:
        return self._table.found(key)

    def delete(self, key: K) -> None:
        self.get(key)
        super().delete(key)


def having(is_wanted: Callable[..., bool]) -> Any:
    """Return a method that returns the rows for which *is_wanted*, called with the method's arguments, is true."""
    return lambda self, *given, **named: self._table.where(_asked(is_wanted, given, named))


def removing(is_unwanted: Callable[..., bool]) -> Any:
    """Return a method that deletes such rows and returns how many."""
    return lambda self, *given, **named: self._table.remove(_asked(is_unwanted, given, named))


def _asked(is_wanted: Callable[..., bool], given: Iterable[Any], named: Mapping[str, Any]) -> Callable[[Any], bool]:
    """Lists become sets, since each row is looked up in them."""
    plain = [set(each) if isinstance(each, list) else each for each in given]
    sets = {name: set(each) if isinstance(each, list) else each for name, each in named.items()}
    return lambda row: is_wanted(row, *plain, **sets)


def fits(row: object, wanted: object, *names: str) -> bool:
    """True if *row* has the filter's value in each of these fields, unless that is None."""
    return all(getattr(wanted, name) in (None, getattr(row, name)) for name in names)
