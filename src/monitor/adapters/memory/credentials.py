"""Sessions, tokens, second factors, identities and guesses of passwords in memory."""

from collections.abc import Callable, Collection, Mapping
from datetime import datetime
from typing import Any

from monitor.adapters.memory.parts import MemoryPart, Rows, having, removing
from monitor.adapters.memory.state import LiveTicket, LoginAttempt, RecoveryCode, State
from monitor.application.accounts import credential_ports as ports
from monitor.application.accounts.credentials import AccessClaims
from monitor.domain.accounts.actors import Actor, PersonalTokenId, SessionId, UserId
from monitor.domain.accounts.factors import OwnFactors, SecondFactorPolicy, Totp
from monitor.domain.accounts.identities import JoinedIdentity
from monitor.domain.accounts.limits import Guess, GuessKind
from monitor.domain.accounts.passkeys import Passkey, PasskeyId
from monitor.domain.accounts.personal_tokens import PersonalToken, TokenUse
from monitor.domain.accounts.sessions import Challenge, Purpose, Session, SignIn
from monitor.domain.errors import ConstraintViolated, NotFound


class MemorySessions(MemoryPart, ports.Sessions):
    name = "sessions"
    delete_expired = removing(lambda session, now: session.expires_at <= now)

    def add(self, session: Session) -> None:
        if session.id in self._state.sessions:
            raise ConstraintViolated("a session with this id is stored already")
        self._state.sessions.put(session)

    def get(self, session_id: SessionId) -> Session | None:
        return self._state.sessions.get(session_id)

    def save(self, session: Session) -> None:
        if session.id in self._state.sessions:  # an ended session stays ended
            self._state.sessions.put(session)

    def delete(self, session_id: SessionId, *, user_id: UserId) -> bool:
        return self._state.sessions.remove(lambda each: (each.id, each.user_id) == (session_id, user_id)) > 0

    def delete_all(self, user_id: UserId, *, but: SessionId | None = None) -> int:
        return self._state.sessions.remove(lambda session: session.user_id == user_id and session.id != but)

    def keep_latest(self, user_id: UserId, number: int) -> None:
        mine = self._state.sessions.where(lambda session: session.user_id == user_id)
        mine.sort(key=lambda session: session.last_used_at, reverse=True)
        self._state.sessions.delete(*[session.id for session in mine[number:]])


class MemoryChallenges(MemoryPart, ports.Challenges):
    name = "challenges"
    delete_expired = removing(lambda challenge, now: challenge.expires_at <= now)

    def add(self, challenge: Challenge) -> None:
        self._state.challenges.put(challenge)

    def take(self, digest: bytes, purpose: Purpose, now: datetime) -> Challenge | None:
        challenge = self._state.challenges.get(digest)
        if challenge is None or challenge.purpose is not purpose:
            return None
        self._state.challenges.delete(digest)
        return challenge if now < challenge.expires_at else None


class MemoryLiveTickets(MemoryPart, ports.LiveTickets):
    name = "live_tickets"
    delete_expired = removing(lambda ticket, now: ticket.expires_at <= now)

    def add(self, digest: bytes, claims: AccessClaims, expires_at: datetime) -> None:
        self._state.live_tickets.put(LiveTicket(digest, claims, expires_at))

    def take(self, digest: bytes, now: datetime) -> AccessClaims | None:
        ticket = self._state.live_tickets.get(digest)
        self._state.live_tickets.delete(digest)
        return ticket.claims if ticket is not None and now < ticket.expires_at else None


class MemoryPasskeys(Rows[PasskeyId, Passkey], ports.Passkeys):
    name = "passkeys"
    of_user = having(lambda passkey, user_id: passkey.user_id == user_id)
    delete_all = removing(lambda passkey, user_id: passkey.user_id == user_id)

    def by_credential(self, credential_id: bytes) -> Passkey | None:
        return self._table.by(credential_id)

    def save(self, passkey: Passkey) -> None:
        if passkey.id in self._table:
            self._table.put(passkey)


class MemoryIdentities(MemoryPart, ports.Identities):
    name = "identities"
    of_user = having(lambda identity, user_id: identity.user_id == user_id)
    delete_all = removing(lambda identity, user_id: identity.user_id == user_id)

    def add(self, identity: JoinedIdentity) -> JoinedIdentity:
        return self._state.identities.add(identity)

    def find(self, issuer: str, subject: str) -> JoinedIdentity | None:
        return self._state.identities.by((issuer, subject))

    def save(self, identity: JoinedIdentity) -> bool:
        if is_there := identity.id in self._state.identities:
            self._state.identities.put(identity)
        return is_there


class MemoryFactors(MemoryPart, ports.Factors):
    def policy(self) -> SecondFactorPolicy:
        return SecondFactorPolicy.of(self._state.preferences.get("second_factor"))

    def of(self, user_id: UserId) -> OwnFactors:
        return factors_of(self._state, user_id)

    def totp(self, user_id: UserId) -> Totp | None:
        return self._state.totp_secrets.get(user_id)

    def save_totp(self, totp: Totp) -> None:
        self._state.totp_secrets.put(totp)

    def replace_recovery_codes(self, user_id: UserId, digests: Collection[bytes]) -> None:
        self._state.recovery_codes.remove(lambda code: code.user_id == user_id)
        for digest in digests:
            self._state.recovery_codes.put(RecoveryCode(user_id, digest))

    def use_recovery_code(self, user_id: UserId, digest: bytes, at: datetime) -> bool:
        code = self._state.recovery_codes.get((user_id, digest))
        if code is None or code.used_at is not None:
            return False
        return self._state.recovery_codes.amend((user_id, digest), used_at=at)

    def delete_totp(self, user_id: UserId) -> None:
        self._state.totp_secrets.delete(user_id)
        self.replace_recovery_codes(user_id, ())

    def reencrypt(self) -> None:
        """Do nothing: memory encrypts nothing."""

    def unreadable(self) -> list[UserId]:
        return []


def factors_of(state: State, user_id: UserId) -> OwnFactors:
    totp = state.totp_secrets.get(user_id)
    unused = state.recovery_codes.where(lambda code: code.user_id == user_id and code.used_at is None)
    passkeys = state.passkeys.where(lambda passkey: passkey.user_id == user_id and passkey.is_usable)
    return OwnFactors(has_totp=totp is not None and totp.is_on, recovery_codes_left=len(unused), passkeys=len(passkeys))


def owner_fields(state: State, user_id: UserId) -> dict[str, Any]:
    """Return the fields of an `Owner` that are the same for each way to sign in."""
    names = ("username", "role", "token_version", "has_default_password", "has_temporary_password")
    return {name: getattr(state.users[user_id], name) for name in names} | {
        "user_id": user_id,
        "has_second_factor": factors_of(state, user_id).is_any,
        "policy": SecondFactorPolicy.of(state.preferences.get("second_factor")),
    }


class MemoryPersonalTokens(Rows[PersonalTokenId, PersonalToken], ports.PersonalTokens):
    name = "personal_tokens"

    def get(self, token_id: PersonalTokenId, *, user_id: UserId) -> PersonalToken:
        token = self._table.found(token_id)
        if token.user_id != user_id:
            raise NotFound(f"no token {token_id}")
        return token

    def save_uses(self, uses: Mapping[PersonalTokenId, TokenUse]) -> None:
        for token in self._table.of(uses):
            self._table.put(token.used(uses[token.id]))


class MemoryPersonalTokenQueries(MemoryPart, ports.PersonalTokenQueries):
    def all(self, actor: Actor, *, after: int | None = None, limit: int | None = None) -> list[PersonalToken]:
        tokens = self._state.personal_tokens
        return tokens.where(lambda token: token.user_id == actor.user_id and token.id > (after or 0))[:limit]

    def owner(self, wanted: bytes | PersonalTokenId) -> ports.TokenOwner | None:
        state = self._state
        tokens = state.personal_tokens
        token = tokens.by(wanted) if isinstance(wanted, bytes) else tokens.get(wanted)
        return None if token is None else _owner_of(state, token)

    def owners(self, token_ids: Collection[PersonalTokenId]) -> dict[PersonalTokenId, ports.TokenOwner]:
        state = self._state
        return {token.id: _owner_of(state, token) for token in state.personal_tokens.of(token_ids)}


def _owner_of(state: State, token: PersonalToken) -> ports.TokenOwner:
    return ports.TokenOwner(
        **owner_fields(state, token.user_id),
        sign_in=SignIn.PASSWORD if state.users[token.user_id].has_password else SignIn.SSO,
        token_id=token.id,
        scope=token.scope,
        expires_at=token.expires_at,
    )


class MemoryLoginAttempts(MemoryPart, ports.LoginAttempts):
    name = "login_attempts"
    delete_before = removing(lambda attempt, at: attempt.at < at)

    def add(self, guess: Guess, at: datetime) -> int:
        return self._state.login_attempts.add(LoginAttempt(0, guess, at)).id

    def forgive(self, attempt_id: int) -> None:
        self._state.login_attempts.delete(attempt_id)

    def of_account(self, kind: GuessKind, account: str, since: datetime) -> list[datetime]:
        return self._times(since, lambda guess: guess.kind is kind and guess.account == account)

    def of_source(self, kind: GuessKind, source: str, since: datetime) -> list[datetime]:
        return self._times(since, lambda guess: guess.kind is kind and guess.source == source)

    def _times(self, since: datetime, matches: Callable[[Guess], bool]) -> list[datetime]:
        return sorted(row.at for row in self._state.login_attempts.values() if row.at >= since and matches(row.guess))
