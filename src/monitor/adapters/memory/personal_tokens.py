"""Personal tokens in memory."""

from collections.abc import Collection, Mapping
from dataclasses import replace
from operator import attrgetter

from monitor.adapters.memory.database import MemoryReader, MemoryRepository
from monitor.adapters.memory.factors import factors_of, policy_of
from monitor.adapters.memory.state import State
from monitor.application.accounts.ports.personal_tokens import PersonalTokenQueries, PersonalTokens, TokenOwner
from monitor.domain.accounts.actors import Actor, PersonalTokenId, UserId
from monitor.domain.accounts.personal_tokens import PersonalToken, TokenUse
from monitor.domain.accounts.sessions import SignIn
from monitor.domain.errors import ConstraintViolated, NotFound


class MemoryPersonalTokens(MemoryRepository, PersonalTokens):
    def add(self, token: PersonalToken) -> PersonalToken:
        self._draft.check_user(token.user_id)
        if any(other.digest == token.digest for other in self._draft.personal_tokens.values()):
            raise ConstraintViolated("a token with this text is stored already")
        token = replace(token, id=PersonalTokenId(self._draft.next_id("personal_tokens")))
        self._draft.personal_tokens[token.id] = token
        return token

    def get(self, token_id: PersonalTokenId, *, user_id: UserId) -> PersonalToken:
        token = self._draft.personal_tokens.found(token_id, "token")
        if token.user_id != user_id:
            raise NotFound(f"no token {token_id}")
        return token

    def delete(self, token_id: PersonalTokenId) -> None:
        self._draft.personal_tokens.pop(token_id, None)

    def save_uses(self, uses: Mapping[PersonalTokenId, TokenUse]) -> None:
        tokens = self._draft.personal_tokens
        for token_id, use in uses.items():
            if token_id in tokens:
                tokens[token_id] = tokens[token_id].used(use)


class MemoryPersonalTokenQueries(MemoryReader, PersonalTokenQueries):
    def all(self, actor: Actor, *, after: int | None = None, limit: int | None = None) -> list[PersonalToken]:
        tokens = self._state.personal_tokens.in_order()
        return [token for token in tokens if token.user_id == actor.user_id and token.id > (after or 0)][:limit]

    def owner(self, wanted: bytes | PersonalTokenId) -> TokenOwner | None:
        state = self._state
        key = attrgetter("digest" if isinstance(wanted, bytes) else "id")
        token = next((each for each in state.personal_tokens.values() if key(each) == wanted), None)
        if token is None:
            return None
        return _owner_of(state, token)

    def owners(self, token_ids: Collection[PersonalTokenId]) -> dict[PersonalTokenId, TokenOwner]:
        tokens = self._state.personal_tokens
        return {id_: _owner_of(self._state, tokens[id_]) for id_ in token_ids if id_ in tokens}


def _owner_of(state: State, token: PersonalToken) -> TokenOwner:
    user = state.users[token.user_id]
    return TokenOwner(
        user_id=user.id,
        username=user.username,
        role=user.role,
        token_version=user.token_version,
        sign_in=SignIn.PASSWORD if user.has_password else SignIn.SSO,
        has_default_password=user.has_default_password,
        has_temporary_password=user.has_temporary_password,
        has_second_factor=factors_of(state, user.id).is_any,
        policy=policy_of(state),
        token_id=token.id,
        scope=token.scope,
        expires_at=token.expires_at,
    )
