from collections.abc import Callable
from datetime import datetime

from monitor.adapters.memory.database import Database
from monitor.adapters.memory.state import Draft, LoginAttempt
from monitor.application.ports.login_attempts import LoginAttempts
from monitor.domain.guesses import Guess, GuessKind


class MemoryLoginAttempts(LoginAttempts):
    def __init__(self, database: Database, draft: Draft) -> None:
        self._database = database
        self._rows = draft.login_attempts

    def add(self, guess: Guess, at: datetime) -> int:
        attempt_id = self._database.next_id("login_attempts")
        self._rows[attempt_id] = LoginAttempt(guess=guess, at=at)
        return attempt_id

    def forgive(self, attempt_id: int) -> None:
        self._rows.pop(attempt_id, None)

    def of_account(self, kind: GuessKind, account: str, since: datetime) -> list[datetime]:
        return self._times(since, lambda guess: guess.kind is kind and guess.account == account)

    def of_source(self, kind: GuessKind, source: str, since: datetime) -> list[datetime]:
        return self._times(since, lambda guess: guess.kind is kind and guess.source == source)

    def delete_before(self, at: datetime) -> None:
        for attempt_id in [i for i, attempt in self._rows.items() if attempt.at < at]:
            del self._rows[attempt_id]

    def _times(self, since: datetime, is_meant: Callable[[Guess], bool]) -> list[datetime]:
        return sorted(row.at for row in self._rows.values() if row.at >= since and is_meant(row.guess))
