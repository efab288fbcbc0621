"""Valid values; a test names only the fields that matter to it."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from monitor.application.accounts.credentials import AccessClaims
from monitor.application.alerts.ports import StoredState
from monitor.application.history.blocks import StoredBlock
from monitor.application.history.ports import SampleFilter
from monitor.application.operations.ports import Queries, UnitOfWork
from monitor.domain.accounts.actors import Actor, Role, SessionId, UserId
from monitor.domain.accounts.audit import AuditEntry
from monitor.domain.accounts.limits import Guess, GuessKind
from monitor.domain.accounts.passkeys import Passkey
from monitor.domain.accounts.personal_tokens import PersonalToken, TokenScope
from monitor.domain.accounts.sessions import REFRESH_TTL, Session, token_digest
from monitor.domain.accounts.users import User
from monitor.domain.alerts.alert import Alert, EventKind, TimelineEntry
from monitor.domain.alerts.engine import State
from monitor.domain.fleet.api_keys import ApiKey
from monitor.domain.fleet.servers import Server, ServerId, UnregisteredHost
from monitor.domain.fleet.teams import Team, TeamAccess
from monitor.domain.intake.samples import Sample
from monitor.domain.levels import Level
from monitor.domain.notifications.channels import Channel, ChannelKind
from monitor.domain.notifications.outbox import Notification, Target
from monitor.domain.oncall.escalations import Escalation, Step
from monitor.domain.oncall.escalations import Target as StepTarget
from monitor.domain.oncall.rotas import Rota
from monitor.domain.oncall.ways import Way
from monitor.domain.policies.policies import Policy, PolicyId, Scope
from monitor.domain.policies.silences import Silence
from monitor.domain.times import microseconds

NewUow = Callable[[], UnitOfWork]

AT = datetime(2030, 1, 1, 12, tzinfo=UTC)
SECOND = timedelta(seconds=1)
MICROSECOND = timedelta(microseconds=1)
ADMIN = Actor(user_id=UserId(2_000_000_000), username="root", role=Role.ADMIN)
NOBODY = Actor(user_id=UserId(1_999_999_999), username="nobody", role=Role.USER)

HOSTILE = (
    'O\'Brien "quoted" `ticked`',
    "back\\slash \\' \\0 \\n \\",
    "100% _under_ %s %(x)s {y} ? :name",
    "'; DROP TABLE users; -- /* # */",
    "<script>alert(1)</script> &amp;",
    "emoji 🖥️ 👩💻, four bytes 𝒳𠜎",
    "e\u0301 is not \u00e9 here",
    "שרת خادم",
    "服务器 サーバー 서버",
    "ÀÉÎ ß ẞ ı İ",
    "=1+1",
    "NULL",
)
"""Texts that a careless store damages; each is a valid name, and may be stored as any other."""


def a_user(name: str = "alice", **changes: Any) -> User:
    user = User(username=name, password_hash="hash", role=Role.USER, created_at=AT, token_version=1)
    return replace(user, **changes)


def a_server(address: str = "192.0.2.1", **changes: Any) -> Server:
    return replace(Server(name="web", ip_address=address, created_at=AT), **changes)


def a_team(name: str = "web people", **changes: Any) -> Team:
    return replace(Team(name=name, access=TeamAccess.READ, created_at=AT), **changes)


def a_sample(server_id: ServerId, at: datetime = AT, **changes: Any) -> Sample:
    sample = Sample(server_id=server_id, recorded_at=at, received_at=at, cpu=12.34, memory=56.78, disk=90.0)
    return sample._replace(**changes)


def a_session(user_id: UserId, name: str = "session", **changes: Any) -> Session:
    session = Session(
        id=SessionId(name),
        user_id=user_id,
        token_digest=token_digest(name),
        created_at=AT,
        last_used_at=AT,
        expires_at=AT + REFRESH_TTL,
        authenticated_at=AT,
    )
    return replace(session, **changes)


def a_passkey(user_id: UserId, name: str = "laptop", **changes: Any) -> Passkey:
    passkey = Passkey(
        user_id=user_id,
        name=name,
        user_handle=token_digest(f"handle {user_id}"),
        credential_id=name.encode(),
        public_key=b"\xa5\x00\xff",
        sign_count=0,
        created_at=AT,
    )
    return replace(passkey, **changes)


def a_guess(account: str = "alice", source: str = "192.0.2.1", kind: GuessKind = GuessKind.LOGIN) -> Guess:
    return Guess(kind=kind, account=account, source=source)


def a_key(name: str = "key", **changes: Any) -> ApiKey:
    return replace(ApiKey(name=name, digest=token_digest(name), prefix="mk_12345678", created_at=AT), **changes)


def a_host(address: str = "198.51.100.1", **changes: Any) -> UnregisteredHost:
    host = UnregisteredHost(
        ip_address=address, first_seen_at=AT, last_seen_at=AT, reports=1, cpu=1.25, memory=2.5, disk=99.99
    )
    return replace(host, **changes)


def an_entry(target: str = "web", **changes: Any) -> AuditEntry:
    return replace(AuditEntry(at=AT, action="server.create", target=target), **changes)


def a_policy(**changes: Any) -> Policy:
    return replace(Policy(metric="cpu", warning=70.0, critical=85.0), **changes)


def a_state(server_id: ServerId, policy_id: PolicyId, **changes: Any) -> StoredState:
    at = microseconds(AT)
    pending = State(seen=at, warning_since=at)
    return StoredState(server_id=server_id, metric="cpu", policy_id=policy_id, state=pending)._replace(**changes)


def an_alert(server_id: ServerId, **changes: Any) -> Alert:
    alert: dict[str, Any] = {
        "server_id": server_id,
        "metric": "cpu",
        "level": Level.WARNING,
        "value": 75.5,
        "threshold": 70.0,
        "started_at": AT - timedelta(minutes=5),
        "fired_at": AT,
    }
    return Alert(**alert | changes)


def a_timeline_entry(alert: Alert, event_kind: EventKind = EventKind.FIRED, **changes: Any) -> TimelineEntry:
    return replace(TimelineEntry(alert_id=alert.id, at=AT, event_kind=event_kind), **changes)


def a_notification(entry: TimelineEntry, target: Target, **changes: Any) -> Notification:
    notification = Notification(
        alert_id=entry.alert_id,
        event_id=entry.id,
        event_kind=entry.event_kind,
        target=target,
        server_id=ServerId(1),
        server_name="web",
        ip_address="192.0.2.1",
        metric="cpu",
        level=Level.WARNING,
        value=75.5,
        created_at=AT,
        not_before=AT,
    )
    return replace(notification, **changes)


def a_silence(**changes: Any) -> Silence:
    return replace(
        Silence(
            scope=Scope(), starts_at=AT, ends_at=AT + timedelta(hours=1), reason="maintenance", created_at=AT - SECOND
        ),
        **changes,
    )


def a_channel(name: str = "team", **changes: Any) -> Channel:
    settings = {"url": "https://hooks.example.com/a"}
    return replace(Channel(name=name, kind=ChannelKind("webhook"), settings=settings, created_at=AT), **changes)


def a_rota(name: str = "web", **changes: Any) -> Rota:
    return replace(Rota(name=name, timezone="Europe/Berlin", starts_at=AT), **changes)


def an_escalation(name: str = "nights", *to: StepTarget, **changes: Any) -> Escalation:
    """With one step, which names *to*."""
    return replace(Escalation(name=name, steps=(Step(timedelta(0), to),)), **changes)


def a_way(user_id: UserId, kind: str = "webhook", **changes: Any) -> Way:
    return replace(Way(user_id=user_id, kind=kind, settings={"url": "https://hooks.example.com/a"}), **changes)


def some_claims(**changes: Any) -> AccessClaims:
    claims = AccessClaims(
        user_id=UserId(7), session_id=SessionId("session"), token_version=3, expires_at=AT + timedelta(minutes=15)
    )
    return replace(claims, **changes)


def actor_of(user: User) -> Actor:
    return Actor(user_id=user.id, username=user.username, role=user.role)


def stored_user(new_uow: NewUow, name: str = "alice", **changes: Any) -> User:
    with new_uow() as uow:
        user = uow.users.add(a_user(name, **changes))
        uow.commit()
    return user


def stored_server(new_uow: NewUow, address: str = "192.0.2.1", **changes: Any) -> Server:
    with new_uow() as uow:
        server = uow.servers.add(a_server(address, **changes))
        uow.commit()
    return server


def stored_team(new_uow: NewUow, name: str = "web people", **changes: Any) -> Team:
    with new_uow() as uow:
        team = uow.teams.add(a_team(name, **changes))
        uow.commit()
    return team


def stored_key(new_uow: NewUow, name: str = "key", **changes: Any) -> ApiKey:
    with new_uow() as uow:
        key = uow.api_keys.add(a_key(name, **changes))
        uow.commit()
    return key


def stored_session(new_uow: NewUow, user_id: UserId, name: str = "session", **changes: Any) -> Session:
    session = a_session(user_id, name, **changes)
    with new_uow() as uow:
        uow.sessions.add(session)
        uow.commit()
    return session


def stored_passkey(new_uow: NewUow, user_id: UserId, name: str = "laptop", **changes: Any) -> Passkey:
    with new_uow() as uow:
        passkey = uow.passkeys.add(a_passkey(user_id, name, **changes))
        uow.commit()
    return passkey


def a_token(user_id: UserId, name: str = "script", **changes: Any) -> PersonalToken:
    token = PersonalToken(
        user_id=user_id,
        name=name,
        scope=TokenScope.READ,
        digest=token_digest(name),
        prefix="mon_12345678",
        created_at=AT,
    )
    return replace(token, **changes)


def stored_token(new_uow: NewUow, user_id: UserId, name: str = "script", **changes: Any) -> PersonalToken:
    with new_uow() as uow:
        token = uow.personal_tokens.add(a_token(user_id, name, **changes))
        uow.commit()
    return token


def raw_samples(queries: Queries, server_id: ServerId) -> list[Sample]:
    """Return all raw samples of a server, the oldest first."""
    found = queries.samples.newest(ADMIN, SampleFilter(server_id=server_id, limit=10_000))
    return [stored.sample for stored in reversed(found)]


def store_samples(new_uow: NewUow, *samples: Sample) -> None:
    with new_uow() as uow:
        uow.samples.add(samples)
        uow.commit()


def stored_policy(new_uow: NewUow, **changes: Any) -> Policy:
    with new_uow() as uow:
        policy = uow.alert_policies.add(a_policy(**changes))
        uow.commit()
    return policy


def stored_state(new_uow: NewUow, server_id: ServerId, policy_id: PolicyId, **changes: Any) -> StoredState:
    with new_uow() as uow:
        (stored,) = uow.alert_states.save([a_state(server_id, policy_id, **changes)])
        uow.commit()
    return stored


def stored_alert(new_uow: NewUow, server_id: ServerId, **changes: Any) -> Alert:
    with new_uow() as uow:
        alert = uow.alerts.add(an_alert(server_id, **changes))
        uow.commit()
    return alert


def stored_entry(
    new_uow: NewUow, alert: Alert, event_kind: EventKind = EventKind.FIRED, **changes: Any
) -> TimelineEntry:
    with new_uow() as uow:
        (entry,) = uow.alerts.add_to_timeline([a_timeline_entry(alert, event_kind, **changes)])
        uow.commit()
    return entry


def stored_notifications(new_uow: NewUow, *notifications: Notification) -> Sequence[Notification]:
    """As stored, in the order given. Notifications of an unknown alert are not found again."""
    with new_uow() as uow:
        uow.notifications.add(notifications)
        alert_ids = {n.alert_id for n in notifications if n.alert_id is not None}
        found = {(n.event_id, n.target): n for n in uow.notifications.of_alerts(alert_ids)}
        uow.commit()
    return [found[n.event_id, n.target] for n in notifications]


def stored_silence(new_uow: NewUow, **changes: Any) -> Silence:
    with new_uow() as uow:
        silence = uow.silences.add(a_silence(**changes))
        uow.commit()
    return silence


def stored_channel(new_uow: NewUow, name: str = "team", **changes: Any) -> Channel:
    with new_uow() as uow:
        channel = uow.channels.add(a_channel(name, **changes))
        uow.commit()
    return channel


def stored_rota(new_uow: NewUow, name: str = "web", **changes: Any) -> Rota:
    with new_uow() as uow:
        rota = uow.rotas.add(a_rota(name, **changes))
        uow.commit()
    return rota


def stored_escalation(new_uow: NewUow, name: str = "nights", *to: StepTarget, **changes: Any) -> Escalation:
    with new_uow() as uow:
        escalation = uow.escalations.add(an_escalation(name, *to, **changes))
        uow.commit()
    return escalation


def stored_ways(new_uow: NewUow, user_id: UserId, *ways: Way) -> list[Way]:
    with new_uow() as uow:
        stored = uow.ways.replace(user_id, ways)
        uow.commit()
    return stored


def timeline_entries(new_uow: NewUow, alert: Alert, count: int) -> list[TimelineEntry]:
    with new_uow() as uow:
        entries = uow.alerts.add_to_timeline([a_timeline_entry(alert)] * count)
        uow.commit()
    return entries


def a_chunk(
    server_id: ServerId, hour: int, samples: int, data: bytes, raw_samples: int = 0, generation: int = 0
) -> StoredBlock:
    return StoredBlock(server_id, 0, hour, data, samples, raw_samples, generation)


def a_rollup(server_id: ServerId, width: int, period: int, data: bytes, generation: int = 0) -> StoredBlock:
    return StoredBlock(server_id, width, period, data, generation=generation)
