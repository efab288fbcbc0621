"""Accounts, sessions, limits and the audit log in memory."""

from collections.abc import Callable, Collection
from dataclasses import replace
from datetime import datetime
from heapq import nlargest

from monitor.adapters.memory.database import MemoryReader, MemoryRepository, forget_user
from monitor.adapters.memory.factors import factors_of, policy_of
from monitor.adapters.memory.sample_table import Log
from monitor.adapters.memory.state import LiveTicket, LoginAttempt
from monitor.application.accounts.credentials import AccessClaims
from monitor.application.accounts.ports.audit import Audit, AuditPlace, AuditQueries
from monitor.application.accounts.ports.identities import Identities
from monitor.application.accounts.ports.limits import Creators, LoginAttempts
from monitor.application.accounts.ports.sessions import Challenges, LiveTickets, Sessions
from monitor.application.accounts.ports.users import SessionOwner, UserQueries, Users
from monitor.domain.accounts.actors import Actor, Role, SessionId, UserId
from monitor.domain.accounts.audit import EVERYTHING, AuditEntry, AuditFilter
from monitor.domain.accounts.challenges import Challenge, Purpose
from monitor.domain.accounts.errors import IdentityTaken, UsernameTaken
from monitor.domain.accounts.factors import OwnFactors
from monitor.domain.accounts.identities import JoinedIdentity
from monitor.domain.accounts.limits import Guess, GuessKind, Quota
from monitor.domain.accounts.passkeys import Passkey
from monitor.domain.accounts.sessions import Session
from monitor.domain.accounts.users import User, username_key
from monitor.domain.alerts.policies import PolicyId
from monitor.domain.errors import ConstraintViolated
from monitor.domain.fleet.servers import ServerId


class MemoryUsers(MemoryRepository, Users):
    def add(self, user: User) -> User:
        key = username_key(user.username)
        if key in self._draft.user_ids:
            raise UsernameTaken
        user = replace(user, id=UserId(self._draft.next_id("users")))
        self._draft.user_ids[key] = user.id
        self._draft.users[user.id] = user
        self._draft.fleet_changed = True
        return user

    def get(self, user_id: UserId) -> User:
        return self._draft.users.found(user_id, "user")

    def by_username(self, username: str) -> User | None:
        return next(iter(self.by_usernames([username])), None)

    def by_usernames(self, usernames: Collection[str]) -> list[User]:
        ids = self._draft.user_ids
        return [self._draft.users[ids[key]] for key in {username_key(name) for name in usernames} if key in ids]

    def save(self, user: User) -> None:
        before, key = self.get(user.id), username_key(user.username)
        if self._draft.user_ids.get(key, user.id) != user.id:
            raise UsernameTaken
        del self._draft.user_ids[username_key(before.username)]
        self._draft.user_ids[key] = user.id
        self._draft.users[user.id] = user
        self._draft.fleet_changed = True

    def delete(self, user_id: UserId) -> None:
        draft, user = self._draft, self.get(user_id)
        del draft.users[user_id]
        del draft.user_ids[username_key(user.username)]
        forget_user(draft, user_id)
        draft.fleet_changed = True

    def existing(self, user_ids: Collection[UserId]) -> set[UserId]:
        return {user_id for user_id in user_ids if user_id in self._draft.users}

    def names(self, user_ids: Collection[UserId]) -> dict[UserId, str]:
        return {user_id: self._draft.users[user_id].username for user_id in self.existing(user_ids)}

    def count(self) -> int:
        return len(self._draft.users)

    def count_admins(self) -> int:
        return sum(user.role is Role.ADMIN for user in self._draft.users.values())


class MemorySessions(MemoryRepository, Sessions):
    def add(self, session: Session) -> None:
        self._draft.check_user(session.user_id)
        if session.id in self._draft.sessions:
            raise ConstraintViolated("a session with this id is stored already")
        self._draft.sessions[session.id] = session

    def get(self, session_id: SessionId) -> Session | None:
        return self._draft.sessions.get(session_id)

    def save(self, session: Session) -> None:
        if session.id in self._draft.sessions:  # an ended session stays ended
            self._draft.sessions[session.id] = session

    def delete(self, session_id: SessionId, *, user_id: UserId) -> bool:
        session = self._draft.sessions.get(session_id)
        if session is None or session.user_id != user_id:
            return False
        del self._draft.sessions[session_id]
        return True

    def delete_all(self, user_id: UserId, *, but: SessionId | None = None) -> int:
        before = len(self._draft.sessions)
        self._draft.sessions.remove(lambda id_, session: session.user_id == user_id and id_ != but)
        return before - len(self._draft.sessions)

    def keep_latest(self, user_id: UserId, number: int) -> None:
        mine = [session for session in self._draft.sessions.values() if session.user_id == user_id]
        mine.sort(key=lambda session: (-session.last_used_at.timestamp(), session.id))
        for session in mine[number:]:
            del self._draft.sessions[session.id]

    def delete_expired(self, now: datetime) -> None:
        self._draft.sessions.remove(lambda _, session: session.expires_at <= now)


class MemoryChallenges(MemoryRepository, Challenges):
    def add(self, challenge: Challenge) -> None:
        self._draft.challenges[challenge.digest] = challenge

    def take(self, digest: bytes, purpose: Purpose, now: datetime) -> Challenge | None:
        challenge = self._draft.challenges.get(digest)
        if challenge is None or challenge.purpose is not purpose:
            return None
        del self._draft.challenges[digest]
        return challenge if now < challenge.expires_at else None

    def delete_expired(self, now: datetime) -> None:
        self._draft.challenges.remove(lambda _, challenge: challenge.expires_at <= now)


class MemoryIdentities(MemoryRepository, Identities):
    def add(self, identity: JoinedIdentity) -> JoinedIdentity:
        self._draft.check_user(identity.user_id)
        if self.find(identity.issuer, identity.subject) is not None:
            raise IdentityTaken
        identity = replace(identity, id=self._draft.next_id("identities"))
        self._draft.identities[identity.id] = identity
        return identity

    def find(self, issuer: str, subject: str) -> JoinedIdentity | None:
        rows = self._draft.identities.values()
        return next((row for row in rows if (row.issuer, row.subject) == (issuer, subject)), None)

    def of_user(self, user_id: UserId) -> list[JoinedIdentity]:
        return [row for row in self._draft.identities.in_order() if row.user_id == user_id]

    def save(self, identity: JoinedIdentity) -> bool:
        if identity.id not in self._draft.identities:
            return False
        self._draft.identities[identity.id] = identity
        return True

    def delete_all(self, user_id: UserId) -> None:
        self._draft.identities.remove(lambda _, row: row.user_id == user_id)


class MemoryLiveTickets(MemoryRepository, LiveTickets):
    def add(self, digest: bytes, claims: AccessClaims, expires_at: datetime) -> None:
        self._draft.live_tickets[digest] = LiveTicket(claims=claims, expires_at=expires_at)

    def take(self, digest: bytes, now: datetime) -> AccessClaims | None:
        ticket = self._draft.live_tickets.pop(digest, None)
        return ticket.claims if ticket is not None and now < ticket.expires_at else None

    def delete_expired(self, now: datetime) -> None:
        self._draft.live_tickets.remove(lambda _, ticket: ticket.expires_at <= now)


class MemoryUserQueries(MemoryReader, UserQueries):
    def all(self, actor: Actor, *, after: int | None = None, limit: int | None = None) -> list[User]:
        actor.must_be_admin()
        return [user for user in self._state.users.in_order() if user.id > (after or 0)][:limit]

    def options(self) -> list[tuple[UserId, str]]:
        users = sorted(self._state.users.values(), key=lambda user: username_key(user.username))
        return [(user.id, user.username) for user in users]

    def me(self, actor: Actor) -> User:
        return self._state.users.found(actor.user_id, "user")

    def sessions(self, actor: Actor, now: datetime) -> list[Session]:
        sessions = self._state.sessions.values()
        own = [session for session in sessions if session.user_id == actor.user_id and now < session.expires_at]
        return sorted(own, key=lambda session: session.last_used_at, reverse=True)

    def passkeys(self, actor: Actor) -> list[Passkey]:
        return [passkey for passkey in self._state.passkeys.in_order() if passkey.user_id == actor.user_id]

    def identities(self, actor: Actor) -> list[JoinedIdentity]:
        return [row for row in self._state.identities.in_order() if row.user_id == actor.user_id]

    def session_owner(self, user_id: UserId, session_id: SessionId, now: datetime) -> SessionOwner | None:
        state = self._state
        session = state.sessions.get(session_id)
        if session is None or session.user_id != user_id or session.expires_at <= now:
            return None
        user = state.users[user_id]
        return SessionOwner(
            user_id=user.id,
            username=user.username,
            role=user.role,
            token_version=user.token_version,
            authenticated_at=session.authenticated_at,
            sign_in=session.sign_in,
            has_default_password=user.has_default_password,
            has_temporary_password=user.has_temporary_password,
            has_second_factor=factors_of(state, user_id).is_any,
            policy=policy_of(state),
        )

    def session_owners(self, session_ids: Collection[SessionId], now: datetime) -> dict[SessionId, SessionOwner]:
        sessions = self._state.sessions
        known = [sessions[id_] for id_ in session_ids if id_ in sessions]
        owners = ((session.id, self.session_owner(session.user_id, session.id, now)) for session in known)
        return {id_: owner for id_, owner in owners if owner is not None}

    def factors(self, user_id: UserId) -> OwnFactors:
        return factors_of(self._state, user_id)

    def with_second_factor(self, user_ids: Collection[UserId]) -> set[UserId]:
        return {user_id for user_id in user_ids if factors_of(self._state, user_id).is_any}

    def was_done_to(self, user_id: UserId, actions: Collection[str], after: datetime) -> bool:
        state = self._state
        user = state.users.get(user_id)
        return user is not None and any(
            entry.action in actions and entry.target == user.username and entry.at > after for entry in state.audit
        )


class MemoryAudit(MemoryRepository, Audit):
    def add(self, *entries: AuditEntry) -> None:
        for entry in entries:
            self._draft.new_audit.append(replace(entry, id=self._draft.next_id("audit")))

    def oldest(self) -> datetime | None:
        return min((entry.at for entry in (*self._draft.audit, *self._draft.new_audit)), default=None)

    def delete_before(self, moment: datetime, limit: int) -> int:
        old = sorted((entry for entry in self._draft.audit if entry.at < moment), key=lambda entry: entry.at)
        gone = {entry.id for entry in old[:limit]}
        self._draft.audit = Log(entry for entry in self._draft.audit if entry.id not in gone)
        return len(gone)


class MemoryAuditQueries(MemoryReader, AuditQueries):
    def newest(
        self, actor: Actor, wanted: AuditFilter = EVERYTHING, *, before: AuditPlace | None = None, limit: int
    ) -> list[AuditEntry]:
        actor.must_be_admin()
        found = (entry for entry in self._state.audit if before is None or _place(entry) < before)
        return nlargest(limit, filter(wanted.fits, found), key=_place)


def _place(entry: AuditEntry) -> AuditPlace:
    return entry.at, entry.id


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
