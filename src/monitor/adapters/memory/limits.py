"""Guesses of passwords, and who created what, in memory."""

from collections.abc import Callable, Collection
from datetime import datetime

from monitor.adapters.memory.database import MemoryRepository
from monitor.adapters.memory.state import LoginAttempt
from monitor.application.accounts.ports.limits import Creators, LoginAttempts
from monitor.domain.accounts.actors import UserId
from monitor.domain.accounts.limits import Guess, GuessKind, Quota
from monitor.domain.alerts.policies import PolicyId
from monitor.domain.fleet.servers import ServerId


class MemoryLoginAttempts(MemoryRepository, LoginAttempts):
    def add(self, guess: Guess, at: datetime) -> int:
        attempt_id = self._draft.next_id("login_attempts")
        self._draft.login_attempts[attempt_id] = LoginAttempt(guess=guess, at=at)
        return attempt_id

    def forgive(self, attempt_id: int) -> None:
        self._draft.login_attempts.pop(attempt_id, None)

    def of_account(self, kind: GuessKind, account: str, since: datetime) -> list[datetime]:
        return self._times(since, lambda guess: guess.kind is kind and guess.account == account)

    def of_source(self, kind: GuessKind, source: str, since: datetime) -> list[datetime]:
        return self._times(since, lambda guess: guess.kind is kind and guess.source == source)

    def delete_before(self, at: datetime) -> None:
        self._draft.login_attempts.remove(lambda _, attempt: attempt.at < at)

    def _times(self, since: datetime, matches: Callable[[Guess], bool]) -> list[datetime]:
        return sorted(row.at for row in self._draft.login_attempts.values() if row.at >= since and matches(row.guess))


class MemoryCreators(MemoryRepository, Creators):
    """Creators. There is one writer at a time, so no other transaction counts meanwhile."""

    def count(self, user_id: UserId, what: Quota) -> int:
        draft = self._draft
        match what:
            case Quota.SERVERS:
                made = [draft.server_makers.get(server_id) for server_id in draft.servers]
            case Quota.POLICIES:
                made = [draft.policy_makers.get(policy_id) for policy_id in draft.policies]
            case Quota.SILENCES:
                made = [silence.created_by for silence in draft.silences.values()]
            case Quota.TOKENS:
                made = [token.user_id for token in draft.personal_tokens.values()]
            case _:
                made = [key.owner_id for key in draft.api_keys.values()]
        return made.count(user_id)

    def note_servers(self, user_id: UserId, server_ids: Collection[ServerId]) -> None:
        self._draft.check_user(user_id)
        self._draft.server_makers.update(dict.fromkeys(server_ids, user_id))

    def note_policy(self, user_id: UserId, policy_id: PolicyId) -> None:
        self._draft.check_user(user_id)
        self._draft.policy_makers[policy_id] = user_id
