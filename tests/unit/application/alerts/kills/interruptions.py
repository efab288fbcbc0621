"""Interruptions of a unit of work, or while a password is hashed."""

from collections import deque
from collections.abc import Callable
from types import TracebackType
from typing import Any, Self

from monitor.adapters.memory.fakes import InsecurePasswordHasher
from monitor.application.operations.ports import UnitOfWork


class InterruptedUnitOfWork(UnitOfWork):
    """Its commits fail with each of *faults*, or succeed without an answer with each of *lost_answers*."""

    def __init__(self, inner: UnitOfWork, faults: deque[Exception], lost_answers: deque[Exception]) -> None:
        self._inner = inner
        self._faults = faults
        self._lost_answers = lost_answers

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)

    def __enter__(self) -> Self:
        self._inner.__enter__()
        return self

    def __exit__(self, kind: type[BaseException] | None, exc: BaseException | None, tb: TracebackType | None) -> None:
        self._inner.__exit__(kind, exc, tb)

    def commit(self) -> None:
        if self._faults:
            raise self._faults.popleft()
        self._inner.commit()
        if self._lost_answers:
            raise self._lost_answers.popleft()


class InterruptedHasher(InsecurePasswordHasher):
    """A hasher during whose first call something else happens."""

    def __init__(self, happens: Callable[[], object]) -> None:
        self._to_happen = [happens]

    def hash(self, password: str) -> str:
        self._interrupt()
        return super().hash(password)

    def verify(self, password: str, password_hash: str | None) -> bool:
        self._interrupt()
        return super().verify(password, password_hash)

    def _interrupt(self) -> None:
        while self._to_happen:
            self._to_happen.pop()()
