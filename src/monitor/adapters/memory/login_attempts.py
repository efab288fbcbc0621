from collections.abc import Callable
from datetime import datetime

from monitor.adapters.memory.database import Database
from monitor.adapters.memory.state import Draft, LoginAttempt
from monitor.application.ports.login_attempts import LoginAttempts


class MemoryLoginAttempts(LoginAttempts):
    def __init__(self, database: Database, draft: Draft) -> None:
        self._database = database
        self._rows = draft.login_attempts

    def add(self, username_key: str, address: str, at: datetime) -> int:
        attempt_id = self._database.next_id("login_attempts")
        self._rows[attempt_id] = LoginAttempt(username_key=username_key, address=address, at=at)
        return attempt_id

    def forgive(self, attempt_id: int) -> None:
        self._rows.pop(attempt_id, None)

    def of_username(self, username_key: str, since: datetime) -> list[datetime]:
        return self._times(since, lambda attempt: attempt.username_key == username_key)

    def of_address(self, address: str, since: datetime) -> list[datetime]:
        return self._times(since, lambda attempt: attempt.address == address)

    def delete_before(self, at: datetime) -> None:
        for attempt_id in [i for i, attempt in self._rows.items() if attempt.at < at]:
            del self._rows[attempt_id]

    def _times(self, since: datetime, is_meant: Callable[[LoginAttempt], bool]) -> list[datetime]:
        return sorted(attempt.at for attempt in self._rows.values() if attempt.at >= since and is_meant(attempt))
