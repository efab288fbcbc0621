"""A store and a mailer whose process dies, or whose database fails, at the n-th thing that is asked of them."""

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, field
from functools import partial
from itertools import count
from types import TracebackType
from typing import Any, Self

from monitor.adapters.memory.fakes import MemoryMailer
from monitor.adapters.memory.state import State
from monitor.adapters.memory.store import MemoryStore
from monitor.application.notifications.sender_ports import Message, SendResult
from monitor.application.operations.ports import Store, UnitOfWork
from monitor.domain.errors import StorageUnavailable


class Killed(BaseException):
    """Like a kill, it passes each `except Exception`."""


@dataclass(slots=True)
class Fate:
    """Strikes once, *before* or after call number *strikes_at* (from 1; 0: never), with *error*.

    *names*: those of the calls that count. Nothing: all.
    """

    strikes_at: int = 0
    before: bool = True
    error: Callable[[], BaseException] = Killed
    names: Collection[str] = ()
    calls: int = 0
    struck: list[str] = field(default_factory=list)

    def around(self, name: str, call: Callable[[], Any]) -> Any:
        counts = not self.names or name in self.names
        self.calls += counts
        is_now = counts and self.calls == self.strikes_at
        if is_now and self.before:
            self._strike(f"before {name}")
        answer = call()
        if is_now:
            self._strike(f"after {name}")
        return answer

    def _strike(self, where: str) -> None:
        self.struck.append(where)
        raise self.error()


ENDS: list[tuple[str, Callable[[], BaseException]]] = [("killed", Killed), ("without its database", StorageUnavailable)]


class MortalStore(Store):
    def __init__(self, inner: MemoryStore, fate: Fate) -> None:
        self._inner = inner
        self._fate = fate
        self.queries = inner.queries

    def unit_of_work(self, on_fleet_change: Callable[[], None]) -> UnitOfWork:
        return MortalUnitOfWork(self._inner.unit_of_work(on_fleet_change), self._fate)

    def reconnect(self) -> None:
        """Hold nothing."""

    def close(self) -> None:
        """Hold nothing."""


class MortalUnitOfWork(UnitOfWork):
    def __init__(self, inner: UnitOfWork, fate: Fate) -> None:
        self._inner = inner
        self._fate = fate

    def __enter__(self) -> Self:
        self._inner.__enter__()
        return self

    def __exit__(self, kind: type[BaseException] | None, exc: BaseException | None, tb: TracebackType | None) -> None:
        self._inner.__exit__(kind, exc, tb)

    def __getattr__(self, name: str) -> "MortalRepository":
        return MortalRepository(getattr(self._inner, name), name, self._fate)

    def commit(self) -> None:
        self._fate.around("commit", self._inner.commit)


class MortalRepository:
    def __init__(self, inner: object, name: str, fate: Fate) -> None:
        self._inner = inner
        self._name = name
        self._fate = fate

    def __getattr__(self, method: str) -> Callable[..., Any]:
        call = getattr(self._inner, method)
        return lambda *given, **named: self._fate.around(f"{self._name}.{method}", lambda: call(*given, **named))


class MortalMailer(MemoryMailer):
    def __init__(self, fate: Fate) -> None:
        super().__init__()
        self._fate = fate

    def send(self, address: str, message: Message) -> SendResult:
        sent: SendResult = self._fate.around("sending", lambda: super(MortalMailer, self).send(address, message))
        return sent


Death = tuple[Fate, MemoryStore, Callable[[], UnitOfWork]]


def deaths(store: MemoryStore, error: Callable[[], BaseException]) -> Iterator[Death]:
    """Of a process that writes to a copy of *store*, before and after each thing that it asks of its units of work; the
    last two find nothing any more to strike at."""
    for strikes_at in count(1):
        for before in (True, False):
            fate, fork = Fate(strikes_at, before, error), forked(store)
            yield fate, fork, partial(MortalStore(fork, fate).unit_of_work, lambda: None)
        if not fate.struck:
            return


def forked(store: MemoryStore) -> MemoryStore:
    """A copy of the store."""
    fork = MemoryStore()
    ours, theirs = fork._database, store._database
    # A state is replaced at each commit, and never changed, but for its ids.
    ours.state = State(theirs.state.stored, theirs.state.last_ids.copy())
    return fork
