"""Tables in memory with what a database gives: ids, unique keys, references, cascades, and rollback."""

from collections import Counter
from collections.abc import Callable, Collection, ItemsView, Iterable, Iterator, Mapping, ValuesView
from dataclasses import replace
from operator import attrgetter
from typing import Any, Generic, NamedTuple, TypeVar, cast, overload

from monitor.domain.errors import ConstraintViolated, NotFound

K = TypeVar("K")
V = TypeVar("V")


class Reference(NamedTuple):
    """Field of rows of the table *of* that names one row, or a set of rows, of the table *to*. "" is their key.

    A row is deleted with its owner. Other references to a deleted row are cleared.
    """

    of: str
    field: str
    to: str
    is_owner: bool

    def names(self, key: Any, row: Any) -> Collection[Any]:
        named = attrgetter(self.field)(row) if self.field else key
        return named if isinstance(named, frozenset) else () if named is None else (named,)


class Definition(Generic[K, V]):
    """Definition of a table: an attribute of a subclass of `Tables`, whose objects have the table there.

    *what*: what a row is called. *key*: the fields that are the key. *unique*: a value that no two rows share, unless
    it is None, or else *taken* is raised. *owners*, *links*, *mentions* (which may be gone): tables by the field that
    names their rows. *part*: name under which changes are logged.
    """

    def __init__(
        self,
        what: str,
        *key: str,
        unique: Callable[[V], Any] | None = None,
        taken: type[Exception] = ConstraintViolated,
        owners: Mapping[str, str] | None = None,
        links: Mapping[str, str] | None = None,
        mentions: Mapping[str, str] | None = None,
        part: str | None = None,
    ) -> None:
        self.what = what
        self.key_of: Callable[[V], Any] = attrgetter(*key or ("id",))
        self.unique = unique or (lambda row: None)
        self.taken = taken
        self.part = part
        self.owners, self.links, self.mentions = owners or {}, links or {}, mentions or {}
        self.children: list[Reference] = []

    def __set_name__(self, tables: type, name: str) -> None:
        self.name = name
        named = {**self.owners, **self.links, **self.mentions}
        references = [Reference(name, field, to, field in self.owners) for field, to in named.items()]
        self.parents = [each for each in references if each.field not in self.mentions]
        for reference in references:
            vars(tables)[reference.to].children.append(reference)

    @overload
    def __get__(self, tables: None, owner: type) -> "Definition[K, V]": ...
    @overload
    def __get__(self, tables: "Tables", owner: type) -> "Table[K, V]": ...
    def __get__(self, tables: "Tables | None", owner: type) -> "Definition[K, V] | Table[K, V]":
        if tables is None:
            return self
        table = vars(tables)[self.name] = Table(self, tables)  # found there from now on
        return table


class Table(Mapping[K, V]):
    """Committed rows with the changes of one transaction. The first change makes a shallow copy.

    *index*: keys by unique value. *touched*: the keys of changed rows, and whether the change is to be logged.
    """

    def __init__(self, definition: Definition[K, V], tables: "Tables") -> None:
        self.definition = definition
        self.touched: dict[K, bool] = {}
        self._tables = tables
        self.rows: dict[K, V]
        self.index: dict[Any, K]
        self.rows, self.index = tables.stored.get(definition.name, ({}, {}))

    def __getitem__(self, key: K) -> V:
        return self.rows[key]

    def __iter__(self) -> Iterator[K]:
        return iter(self.rows)

    def __len__(self) -> int:
        return len(self.rows)

    def __contains__(self, key: object) -> bool:
        return key in self.rows

    def values(self) -> ValuesView[V]:
        return self.rows.values()

    def items(self) -> ItemsView[K, V]:
        return self.rows.items()

    def found(self, key: K) -> V:
        """Return a row. Raises NotFound."""
        if key not in self.rows:
            raise NotFound(f"no {self.definition.what} {key}")
        return self.rows[key]

    def by(self, unique: Any) -> V | None:
        """Return the row with this unique value."""
        return self.rows[self.index[unique]] if unique in self.index else None

    def of(self, keys: Iterable[K]) -> list[V]:
        """Return those of these rows that exist, in the order of their keys."""
        there = sorted({key for key in keys if key in self.rows})  # type: ignore[type-var]  # those of one table compare
        return [self.rows[key] for key in there]

    def in_order(self) -> list[V]:
        return self.of(self.rows)

    def where(self, is_wanted: Callable[[V], bool]) -> list[V]:
        """Return the rows that are wanted, in the order of their keys."""
        return self.of([key for key, row in self.rows.items() if is_wanted(row)])

    def add(self, row: V) -> V:
        """Store a new row, and return it with its id: 1 or more, never used before, even by what was rolled back."""
        row = _with(row, id=self._tables.next_id(self.definition.name))
        self.put(row)
        return row

    def save(self, row: V) -> None:
        """Replace the row with the same key. Raises NotFound."""
        self.found(self.definition.key_of(row))
        self.put(row)

    def put(self, row: V) -> None:
        self[self.definition.key_of(row)] = row

    def __setitem__(self, key: K, row: V) -> None:
        self._put(key, row, True)

    def amend(self, key: K, *, is_logged: bool = True, **values: Any) -> bool:
        """Set these fields of a row. Return whether it exists."""
        if key in self.rows:
            self._put(key, _with(self.rows[key], **values), is_logged)
        return key in self.rows

    def delete(self, *keys: K) -> int:
        """Delete those of these rows that exist, with what they own. Return how many."""
        gone = {key for key in keys if key in self.rows}
        for key in gone:
            self._touch(key, True)
            self.index.pop(self.definition.unique(self.rows.pop(key)), None)
        for child in self.definition.children if gone else ():
            self._tables.table(child.of)._lose(child, gone)
        return len(gone)

    def remove(self, is_unwanted: Callable[[V], bool]) -> int:
        """Delete the rows that are unwanted. Return how many."""
        return self.delete(*[key for key, row in self.rows.items() if is_unwanted(row)])

    def _put(self, key: K, row: V, is_logged: bool) -> None:
        if self.index.get(self.definition.unique(row), key) != key:
            raise self.definition.taken
        for parent in self.definition.parents:
            table = self._tables.table(parent.to)
            if not all(named in table.rows for named in parent.names(key, row)):
                raise ConstraintViolated(f"the {table.definition.what} is gone")
        self._store(key, row, is_logged)

    def _store(self, key: K, row: V, is_logged: bool) -> None:
        self._touch(key, is_logged)
        if key in self.rows:
            self.index.pop(self.definition.unique(self.rows[key]), None)
        if (value := self.definition.unique(row)) is not None:
            self.index[value] = key
        self.rows[key] = row

    def _touch(self, key: K, is_logged: bool) -> None:
        if not self.touched:
            self.rows, self.index = dict(self.rows), dict(self.index)
        self.touched[key] = is_logged or self.touched.get(key, False)

    def _lose(self, reference: Reference, gone: set[Any]) -> None:
        """Delete rows with their owner, or let rows forget what is gone."""
        naming = [key for key, row in self.rows.items() if not gone.isdisjoint(reference.names(key, row))]
        if reference.is_owner:
            self.delete(*naming)
            return
        for key in naming:
            named = attrgetter(reference.field)(self.rows[key])
            left = named.difference(gone) if isinstance(named, frozenset) else None
            self._store(key, _with(self.rows[key], **{reference.field: left}), True)


Stored = tuple[dict[Any, Any], dict[Any, Any]]


class Tables:
    """All tables of a database, as committed or as one transaction sees them. What is committed is never changed.

    *stored*: rows and keys by unique value of each table. *last_ids*: by table, shared by all transactions.
    """

    def __init__(self, stored: Mapping[str, Stored] | None = None, last_ids: Counter[str] | None = None) -> None:
        self.stored = stored or {}
        self.last_ids = Counter() if last_ids is None else last_ids

    def table(self, name: str) -> Table[Any, Any]:
        return cast(Table[Any, Any], getattr(self, name))

    def next_id(self, name: str) -> int:
        self.last_ids[name] += 1
        return self.last_ids[name]

    @property
    def changed(self) -> list[Table[Any, Any]]:
        return [each for each in vars(self).values() if isinstance(each, Table) and each.touched]

    def published(self) -> dict[str, Stored]:
        """Return what is stored with the changes of this transaction, which makes no others."""
        return {**self.stored, **{each.definition.name: (each.rows, each.index) for each in self.changed}}


def _with(row: V, **values: Any) -> V:
    whole: Any = row
    changed: V = whole._replace(**values) if isinstance(row, tuple) else replace(whole, **values)
    return changed
