"""The people, servers and other things that requests about access name."""

import asyncio
from functools import cached_property
from typing import Any

import httpx

from monitor.application.accounts.sessions import LogOut
from monitor.application.operations.preferences import ChangePreferences
from monitor.domain.accounts.actors import Role
from monitor.domain.accounts.factors import SecondFactorPolicy
from monitor.domain.accounts.personal_tokens import TokenScope
from monitor.domain.fleet.teams import TeamAccess
from tests.integration.http import access_subjects
from tests.integration.http.access_requests import REQUESTS, Request, nothing
from tests.integration.http.access_table import Row
from tests.integration.http.world import ANONYMOUS, HOST, Caller, Json, World, agent


class Scene:
    """`user` is linked to a server, `other` is not, `reader` and `writer` are in teams that have it; a second server
    is linked to all four. `revoked` was an administrator's token until a moment ago. The settings demand a second
    factor while `without_factor` calls."""

    def __init__(self, world: World, *, has_server: bool = True) -> None:
        """*has_server* False: the one that `other` does not see is added later."""
        self.world = world
        self.anonymous = ANONYMOUS
        self.admin = world.admin
        self.user = world.person("user")
        self.other = world.person("other")
        self.reader = world.person("reader")
        self.writer = world.person("writer")
        self.carol = world.person("carol")
        self.shared_id = world.server("192.0.2.50", self.user, self.other, self.reader, self.writer)
        self.reading_token = world.token(self.user, TokenScope.READ)
        self.writing_token = world.token(self.user)
        self.without_factor = world.person("bare")
        self.revoked = world.person("revoked", Role.ADMIN)
        world.container.get(LogOut)(self.revoked.actor)
        if has_server:
            self.add_server()

    def add_server(self) -> None:
        world = self.world
        self.server_id = world.server("192.0.2.1", self.user)
        world.team(TeamAccess.READ, self.server_id, self.reader)
        self.team_id = world.team(TeamAccess.WRITE, self.server_id, self.writer)
        self.agent = agent(world.server_key(self.server_id))
        world.fleet_key()
        keys = world.store.queries.api_keys.all(self.admin.actor)
        self.server_key_id, self.fleet_key_id = (key.id for key in keys[-2:])
        self.subjects = access_subjects.Subjects(world, self.server_id, self.user)
        self.check_id = self.subjects.id_of("check_id", "")
        self.check_in_id = self.subjects.id_of("check_in_id", "")

    def caller(self, name: str) -> Caller:
        policy = SecondFactorPolicy.EVERYONE if name == "without_factor" else SecondFactorPolicy.OPTIONAL
        self.world.container.get(ChangePreferences)(self.admin.actor, {"second_factor": policy})
        found: Caller = getattr(self, name)
        return found

    @cached_property
    def session_id(self) -> str:
        return str(self.world.store.queries.users.sessions(self.user.actor, self.world.clock.now())[0].id)

    @cached_property
    def shared_policy_id(self) -> Any:
        return access_subjects.Subjects(self.world, self.shared_id, self.user).id_of("policy_id", "of_server")

    def id_of(self, name: str, variant: str) -> Any:
        """The value for {*name*} in a path."""
        match name:
            case "server_id":
                return self.server_id
            case "user_id":
                return self.carol.id
            case "team_id":
                return self.team_id
            case "key_id":
                return self.fleet_key_id if variant == "of_fleet" else self.server_key_id
            case "session_id":
                return self.session_id
            case "policy_id" if variant.startswith("to_"):
                return self.shared_policy_id
            case "rota_id" if variant == "ics":
                return f"{self.subjects.id_of(name, '')}.ics"
            case _:
                return self.subjects.id_of(name, variant)

    def scope(self, variant: str) -> Json:
        """The scope that *variant* is of, or to."""
        match variant.partition("_")[2]:
            case "server":
                return {"server_id": self.server_id}
            case "check":
                return {"check_id": self.check_id}
            case "check_in":
                return {"check_in_id": self.check_in_id}
            case "policy":
                return {"policy_id": self.subjects.id_of("policy_id", "of_server")}
            case "ids":
                return {"ids": str(self.server_id)}
            case "tag":
                return {"tag": access_subjects.TAG}
        return {}

    def request(self, row: Row, caller: Caller) -> Request:
        method, path = row.operation.split()
        named = {name: self.id_of(name, row.variant) for name in access_subjects.named_in(path)}
        more = REQUESTS.get(row.operation, nothing)(self, row.variant, caller)
        return Request(method=method, path=path, named=named, more=more)

    def send(self, row: Row, caller: Caller) -> httpx.Response:
        return self.sent(self.request(row, caller), caller)

    def sent(self, request: Request, caller: Caller) -> httpx.Response:
        if request.path == "/api/live":
            return self.world.run(self._begun(request, caller))
        return self.world.send(request.method, request.path.format(**request.named), caller, **request.more)

    async def _begun(self, request: Request, caller: Caller) -> httpx.Response:
        """Return what the stream begins with: its client goes once it knows what it may see."""
        listed = asyncio.Event()

        async def app(scope: Any, receive: Any, send: Any) -> None:
            async def sending(message: Any) -> None:
                await send(message)
                if b"event: servers" in message.get("body", b""):
                    listed.set()

            async def receiving() -> Any:
                await listed.wait()
                return {"type": "http.disconnect"}

            await self.world.application.asgi(scope, receiving, sending)
            if listed.is_set():
                await send({"type": "http.response.body"})

        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=f"http://{HOST}") as client:
            return await client.get(request.path, headers=dict(caller.headers), **request.more)
