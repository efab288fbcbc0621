"""An application under test, and the people, servers and keys that tests fill it with."""

import asyncio
import re
from collections.abc import AsyncIterable, Coroutine, Iterable, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import Any, TypeVar

import httpx

from monitor.adapters.http.routes import Routes
from monitor.adapters.memory.fakes import CountedSecrets, FixedClock, InsecurePasswordHasher, MemoryMailer
from monitor.adapters.memory.store import MemoryStore
from monitor.adapters.security.tokens import SignedRefreshTokens
from monitor.application.accounts.log_in import LogIn
from monitor.application.accounts.personal_tokens import CreateToken
from monitor.application.accounts.sessions import Origin
from monitor.application.accounts.users import CreateUser, EnsureFirstAdmin
from monitor.application.configuration.planning import Plans
from monitor.application.fleet.api_keys import CreateApiKey
from monitor.application.fleet.servers import CreateServer
from monitor.application.fleet.teams import CreateTeam
from monitor.application.hindsight.backtest import Backtests
from monitor.application.operations.ports import Store
from monitor.asgi import build
from monitor.assembly import over, senders
from monitor.domain.accounts.actors import Actor, Role, UserId
from monitor.domain.accounts.identities import Identity
from monitor.domain.accounts.personal_tokens import TokenScope
from monitor.domain.fleet.servers import ServerId
from monitor.domain.fleet.teams import Team, TeamAccess, TeamId
from monitor.settings import Settings
from tests.fakes.identity_provider import MemoryIdentityProvider
from tests.integration.http.edge.lifespan import running

T = TypeVar("T")
Json = dict[str, Any]

HOST = "monitor.test"
ADDRESS = "198.51.100.7"
ELSEWHERE = "203.0.113.250"
"""Where `World.log_in` comes from, so that a test's own failures don't lock it out."""
PASSWORD = "correct horse battery"

_IDLE: list[Routes] = []
"""Those of worlds that were closed: building them takes longer than most tests."""


@dataclass(frozen=True, kw_only=True)
class Caller:
    """The sender of a request, with the headers that authenticate it."""

    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Person(Caller):
    """No user has the *id* 0."""

    id: UserId
    name: str
    role: Role
    token: str
    refresh_token: str

    @property
    def cookie(self) -> Json:
        return {"Cookie": f"monitor_refresh={self.refresh_token}"}

    @property
    def actor(self) -> Actor:
        return Actor(user_id=self.id, username=self.name, role=self.role)


ANONYMOUS = Caller()


def bearer(token: str) -> Caller:
    return Caller(headers={"Authorization": f"Bearer {token}"})


def agent(key: str) -> Caller:
    return Caller(headers={"X-API-Key": key})


class World:
    """One application over one store. Its event loop runs while a test waits for an answer, and only then."""

    def __init__(
        self, store: Store | None = None, *, is_started: bool = True, ui: Path | None = None, **settings: Any
    ) -> None:
        """*is_started* False: the caller runs the application. *ui*: a built screen, if there is to be one."""
        self.clock = FixedClock()
        self.store = store or MemoryStore()
        self.mailer = MemoryMailer()
        self.provider = MemoryIdentityProvider(Identity(issuer="https://id.example.com", subject="s-1", username="sam"))
        """Single sign-on."""
        chosen = Settings(database_url="", data_dir=Path(), **{"allowed_hosts": (HOST,), **settings})
        secret = "a secret that signs this test's tokens"
        self.container = over(
            self.store,
            chosen,
            secret,
            clock=self.clock,
            secrets=CountedSecrets(),
            hasher=InsecurePasswordHasher(),
            mailer=self.mailer,
            identity_provider=self.provider,
            senders=senders(chosen, self.mailer, self.clock, secret),
        )
        password = self.container.settings.admin_password or PASSWORD
        self.container.get(EnsureFirstAdmin)(password)
        self.container.shared.started_at()
        self._routes = _IDLE.pop() if _IDLE else Routes()
        self.application = build(self.container, ui, self._routes)
        self._runner = asyncio.Runner()
        self._stack = AsyncExitStack()
        if is_started:
            self.run(self._stack.enter_async_context(running(self.application.asgi)))
            self.run(self.application.api.started())
        self.admin = self.log_in("admin", password)

    def close(self) -> None:
        self.run(self._stack.aclose())
        self._runner.close()
        self.container.get(Backtests).close()
        self.container.get(Plans).close()
        self.store.close()
        _IDLE.append(self._routes)

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        return self._runner.run(work)

    def send(
        self,
        method: str,
        path: str,
        caller: Caller = ANONYMOUS,
        *,
        json: Any = None,
        content: bytes | AsyncIterable[bytes] | None = None,
        headers: Mapping[str, str] | None = None,
        address: str = ADDRESS,
        **more: Any,
    ) -> httpx.Response:
        """The answer, which under /api is checked to be the envelope. Cookies are sent only where a test says so."""
        return self.run(
            self.sending(method, path, caller, json=json, content=content, headers=headers, address=address, **more)
        )

    async def sending(
        self,
        method: str,
        path: str,
        caller: Caller = ANONYMOUS,
        *,
        headers: Mapping[str, str] | None = None,
        address: str = ADDRESS,
        **more: Any,
    ) -> httpx.Response:
        """The same as a coroutine, for tests with several requests under way."""
        transport = httpx.ASGITransport(self.application.asgi, client=(address, 40_000))
        sent = httpx.Headers({**caller.headers, **(headers or {})}, encoding="latin-1")
        async with httpx.AsyncClient(transport=transport, base_url=f"http://{HOST}") as client:
            answer = await client.request(method, path, headers=sent, **_without_none(more))
        if re.match(r"/api(/|\?|$)", path):
            check_envelope(answer)
        return answer

    def log_in(self, name: str, password: str = PASSWORD) -> Person:
        logged_in = self.container.get(LogIn)(name, password, Origin(address=ELSEWHERE))
        assert logged_in.refresh_token is not None
        return Person(
            id=logged_in.user.id,
            name=logged_in.user.username,
            role=logged_in.user.role,
            token=logged_in.access_token,
            refresh_token=logged_in.refresh_token,
            headers=bearer(logged_in.access_token).headers,
        )

    def in_session(self, person: Person) -> Actor:
        """Return the person as the actor of the session of their token, who has just proved who they are."""
        session_id = self.container.get(SignedRefreshTokens).session_of(person.refresh_token)
        return replace(person.actor, session_id=session_id, authenticated_at=self.clock.now())

    def person(self, name: str, role: Role = Role.USER) -> Person:
        self.container.get(CreateUser)(self.admin.actor, username=name, password=PASSWORD, role=role)
        return self.log_in(name)

    def server(self, ip_address: str, *people: Person, name: str | None = None, tags: Iterable[str] = ()) -> ServerId:
        made = self.container.get(CreateServer)(
            self.admin.actor,
            name=name or f"host {ip_address}",
            ip_address=ip_address,
            user_ids=[person.id for person in people],
            tags=tags,
        )
        return made.id

    def team(self, access: TeamAccess, server_id: ServerId, *people: Person, tags: Iterable[str] = ()) -> TeamId:
        team = Team(
            name=f"{access} {server_id}",
            access=access,
            created_at=self.clock.now(),
            user_ids=frozenset(person.id for person in people),
            server_ids=frozenset({server_id}),
            tags=frozenset(tags),
        )
        return self.container.get(CreateTeam)(self.admin.actor, team).id

    def server_key(self, server_id: ServerId) -> str:
        return self.container.get(CreateApiKey)(self.admin.actor, name="an agent's", server_id=server_id)[1]

    def fleet_key(self) -> str:
        return self.container.get(CreateApiKey)(self.admin.actor, name="the fleet's", server_id=None)[1]

    def token(self, person: Person, scope: TokenScope = TokenScope.WRITE, **more: Any) -> Caller:
        """A caller with a new personal token of *person*."""
        return bearer(self.container.get(CreateToken)(person.actor, name="script", scope=scope, **more)[1])

    def report(self, key: str, at: str | None = None, **values: Any) -> httpx.Response:
        """Store a sample, *at* the given time or now, of an agent that reports every 15 s."""
        body = report(**{"interval": 15, **values}) | ({} if at is None else {"recorded_at": at})
        return self.send("POST", "/api/monitor/data", agent(key), json=body)

    def later(self, **units: float) -> None:
        self.clock.advance(timedelta(**units))


def report(cpu: float = 45.5, memory: float = 67.8, disk: float = 23.4, **more: Any) -> Json:
    """What an agent sends."""
    return {"metrics": {"cpu_value": cpu, "memory_value": memory, "disk_value": disk}, **more}


def check_envelope(answer: httpx.Response) -> None:
    """Whatever comes back from /api is `{code, msg, data}` with the status as code, or no JSON at all."""
    kind = answer.headers.get("content-type", "")
    if (
        answer.request.method == "HEAD"
        or answer.status_code in (204, 302, 304)
        or kind.startswith(
            (
                "text/csv",
                "text/calendar",
                "text/event-stream",
                "text/markdown",
                "application/x-ndjson",
                "application/yaml",
            )
        )
    ):
        return
    assert kind == "application/json", (answer.status_code, kind, answer.content[:200])
    body = answer.json()
    assert list(body) == ["code", "msg", "data"], body
    assert body["code"] == answer.status_code
    assert isinstance(body["msg"], str)
    assert body["msg"]
    if answer.status_code >= 400:
        assert set(body["data"]) in ({"reason"}, {"reason", "fields"}, {"reason", "what", "limit"}), body


def _without_none(values: Json) -> Json:
    return {name: value for name, value in values.items() if value is not None}
