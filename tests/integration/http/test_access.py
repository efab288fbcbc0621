"""Every route of the served OpenAPI document, for every kind of caller."""

from collections.abc import Callable
from contextlib import closing
from functools import cached_property
from typing import Any, TypeGuard

import httpx
import pytest

from monitor.domain.accounts.actors import Role
from monitor.domain.accounts.factors import SecondFactorPolicy
from monitor.domain.accounts.personal_tokens import TokenScope
from monitor.domain.fleet.servers import ServerId
from monitor.domain.fleet.teams import TeamAccess
from tests.integration.http import access_subjects
from tests.integration.http.access_table import CALLERS, ROWS, UNDOCUMENTED, Row
from tests.integration.http.authenticator import begun, with_totp
from tests.integration.http.world import ANONYMOUS, PASSWORD, Caller, Json, Person, World, agent, report
from tests.remote_writes import HEADERS, body, host_series

METHODS = ("get", "post", "put", "delete", "patch", "head", "options", "trace")
NOBODYS_ID = 2_000_000


class Scene:
    """`user` is linked to a server, `other` is not, `reader` and `writer` are in teams that have it. `revoked` was an
    administrator's token until a moment ago. The settings demand a second factor while `without_factor` calls."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.anonymous = ANONYMOUS
        self.admin = world.admin
        self.user = world.person("user")
        self.other = world.person("other")
        self.reader = world.person("reader")
        self.writer = world.person("writer")
        self.carol = world.person("carol")
        self.server_id = world.server("192.0.2.1", self.user)
        world.team(TeamAccess.READ, self.server_id, self.reader)
        self.team_id = world.team(TeamAccess.WRITE, self.server_id, self.writer)
        self.agent = agent(world.server_key(self.server_id))
        world.fleet_key()
        self.server_key_id, self.fleet_key_id = (key.id for key in world.store.queries.api_keys.all(self.admin.actor))
        self.subjects = access_subjects.Subjects(world, self.server_id, self.user)
        self.reading_token = world.token(self.user, TokenScope.READ)
        self.writing_token = world.token(self.user)
        self.without_factor = world.person("bare")
        self.revoked = world.person("revoked", Role.ADMIN)
        world.container.log_out()(self.revoked.actor)

    def caller(self, name: str) -> Caller:
        policy = SecondFactorPolicy.EVERYONE if name == "without_factor" else SecondFactorPolicy.OPTIONAL
        self.world.container.change_preferences()(self.admin.actor, {"second_factor": policy})
        found: Caller = getattr(self, name)
        return found

    @cached_property
    def session_id(self) -> str:
        return str(self.world.store.queries.users.sessions(self.user.actor, self.world.clock.now())[0].id)

    def id_of(self, name: str, variant: str) -> object:
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
            case _:
                return self.subjects.id_of(name, variant)

    def send(self, row: Row, caller: Caller, server_id: ServerId | None = None, key_id: int | None = None) -> Any:
        """Send the row's request. Only the sender, the server or the key may be wrong."""
        method, path = row.operation.split()
        named = access_subjects.named_in(path)
        ids = {name: key_id or self.id_of(name, row.variant) for name in named}
        path = path.format(**(ids | ({"server_id": server_id} if server_id else {})))
        if path == "/api/live":  # so that the stream ends as soon as it has begun
            self.world.application.hub.end_streams()
        more = REQUESTS.get(row.operation, _nothing)(self, row.variant, caller, server_id or self.server_id)
        return self.world.send(method, path, caller, **more)


def _nothing(*_: object) -> Json:
    return {}


def _json(body: Json) -> Callable[..., Json]:
    return lambda *_: {"json": body}


def _refresh(scene: Scene, variant: str, caller: Caller, server_id: int) -> Json:
    return {"headers": caller.cookie} if isinstance(caller, Person) else {}


def _first_code(scene: Scene, variant: str, caller: Caller, server_id: int) -> Json:
    return {"json": {"code": begun(scene.world, caller).code() if _is_open(caller, scene) else ""}}


def _code(scene: Scene, variant: str, caller: Caller, server_id: int) -> Json:
    return {"json": {"code": with_totp(scene.world, caller).next_code() if _is_open(caller, scene) else ""}}


def _password_and_code(scene: Scene, variant: str, caller: Caller, server_id: int) -> Json:
    return {"json": _code(scene, variant, caller, server_id)["json"] | {"password": PASSWORD}}


def _is_open(caller: Caller, scene: Scene) -> TypeGuard[Person]:
    return isinstance(caller, Person) and caller is not scene.revoked


def _batch(scene: Scene, variant: str, caller: Caller, server_id: int) -> Json:
    more: dict[str, Json] = {"delete": {}, "silence": {"silence": {"ends_at": "2030-01-02 00:00:00"}}}
    others: Json = {"tags": ["web"]} if variant.endswith("_tags") else {"user_ids": [scene.carol.id]}
    return {"json": {"action": variant, "server_ids": [server_id]} | more.get(variant, others)}


def _new_key(scene: Scene, variant: str, caller: Caller, server_id: int) -> Json:
    return {"json": {"name": "new", "server_id": None if variant == "of_fleet" else server_id}}


def _samples_query(scene: Scene, variant: str, caller: Caller, server_id: int) -> Json:
    return {"params": {"server_id": server_id}} if variant == "of_server" else {}


def _alerts_query(scene: Scene, variant: str, caller: Caller, server_id: int) -> Json:
    of_server = {"params": {"server_id": server_id}}
    more: dict[str, Json] = {
        "of_server": of_server,
        "pending": {"params": {"server_id": server_id, "state": "pending"}},
    }
    return more.get(variant, {})


def _explained(scene: Scene, variant: str, caller: Caller, server_id: int) -> Json:
    return {"params": {"server_id": server_id, "metric": "cpu"}}


def _acknowledgements(scene: Scene, variant: str, caller: Caller, server_id: int) -> Json:
    hers = server_id == scene.server_id
    return {"json": {"alert_ids": [scene.id_of("alert_id", variant) if hers else NOBODYS_ID]}}


def _scoped(body: Json) -> Callable[..., Json]:
    def request(scene: Scene, variant: str, caller: Caller, server_id: int) -> Json:
        return {"json": body | {"scope": access_subjects.scope_of(variant, server_id)}}

    return request


def _backtest(scene: Scene, variant: str, caller: Caller, server_id: int) -> Json:
    policy = {"metric": "cpu", "warning": 80, "scope": access_subjects.scope_of(variant, server_id)}
    return {"json": {"policy": policy, "days": 1}}


def _on_localhost(scene: Scene, variant: str, caller: Caller, server_id: int) -> Json:
    return {"headers": {"Host": "localhost"}}


def _new_passkey(scene: Scene, variant: str, caller: Caller, server_id: int) -> Json:
    body = {"name": "laptop", "credential": scene.subjects.new_passkey(caller)}
    return {"json": body, **_on_localhost(scene, variant, caller, server_id)}


def _signature(scene: Scene, variant: str, caller: Caller, server_id: int) -> Json:
    body = {"credential": scene.subjects.signature()}
    return {"json": body, **_on_localhost(scene, variant, caller, server_id)}


def _csv(scene: Scene, variant: str, caller: Caller, server_id: int) -> Json:
    return {
        "content": b"server_name,ip_address,port,tags,users\r\nnew,192.0.2.77,22,,\r\n",
        "headers": {"Content-Type": "text/csv"},
    }


def _apply(scene: Scene, variant: str, caller: Caller, server_id: int) -> Json:
    silence = "{scope: everything, starts_at: 2030-01-01 12:00:00, ends_at: 2030-01-02 00:00:00}"
    revision = scene.world.container.read_configuration()(scene.admin.actor).revision
    return {"json": {"config": f"silences: [{silence}]", "revision": revision}}


_TEAM: Json = {"name": "new", "user_ids": [], "server_ids": [], "tags": ["new"], "access": "write"}
_CHECK: Json = {"name": "new", "kind": "ping", "target": "192.0.2.2"}
_CHECK_IN: Json = {"name": "new", "period": 60, "grace": 5}
_NEW_SERVER = {"server_name": "new", "ip_address": "192.0.2.99", "port": 22}


def _login_link(scene: Scene, variant: str, caller: Caller, server_id: int) -> Json:
    return {"json": {"token": scene.world.container.issue_login_link()(scene.admin.actor, "carol")}}


REQUESTS: dict[str, Callable[..., Json]] = {
    "POST /api/auth/login": _json({"username": "carol", "password": PASSWORD}),
    "POST /api/auth/login-link": _login_link,
    "POST /api/auth/oidc/join": _json({}),
    "POST /api/auth/refresh": _refresh,
    "PUT /api/auth/me": _json({"email": "me@example.com", "locale": "en"}),
    "POST /api/auth/change-password": _json({"old_password": PASSWORD, "new_password": "another long one"}),
    "POST /api/auth/reauthenticate": _json({"password": PASSWORD}),
    "POST /api/auth/totp": _json({"password": PASSWORD}),
    "PUT /api/auth/totp": _first_code,
    "DELETE /api/auth/totp": _password_and_code,
    "POST /api/auth/recovery-codes": _code,
    "POST /api/auth/passkeys": _new_passkey,
    "POST /api/auth/passkeys/options": _on_localhost,
    "POST /api/auth/passkeys/login/options": _on_localhost,
    "POST /api/auth/passkeys/login": _signature,
    "POST /api/auth/passkeys/reauthenticate": _signature,
    "POST /api/users": _json({"username": "newuser", "password": "password123", "role": "user"}),
    "PUT /api/users/reset-password": _json({"username": "carol", "password": "newpassword123"}),
    "PUT /api/users/{user_id}": _json({"role": "admin", "email": "carol@example.com"}),
    "PUT /api/alerts/{alert_id}/verdict": _json({"verdict": "noise"}),
    "POST /api/tokens": _json({"name": "script", "scope": "write"}),
    "POST /api/teams": _json(_TEAM),
    "PUT /api/teams/{team_id}": _json(_TEAM),
    "POST /api/check-ins": _json(_CHECK_IN),
    "PUT /api/check-ins/{check_in_id}": _json(_CHECK_IN),
    "POST /api/servers": _json(_NEW_SERVER),
    "PUT /api/servers/{server_id}": _json(_NEW_SERVER | {"user_ids": []}),
    "POST /api/servers/{server_id}/users": _json({"user_ids": []}),
    "PUT /api/servers/{server_id}/tags": _json({"tags": ["web"]}),
    "POST /api/servers/batch": _batch,
    "POST /api/servers/import": _csv,
    "POST /api/api-keys": _new_key,
    "POST /api/monitor/data": _json(report()),
    "POST /api/monitor/data/batch": _json({"samples": [report(recorded_at="2030-01-01 11:59:00")]}),
    "POST /api/prometheus/write": lambda *_: {"content": body(host_series(1_893_499_200_000)), "headers": HEADERS},
    "GET /api/monitor/data": _samples_query,
    "GET /api/servers/recent": lambda _scene, _variant, _caller, server_id: {"params": {"server_ids": server_id}},
    "GET /api/alerts": _alerts_query,
    "GET /api/alerts/explain": _explained,
    "POST /api/alerts/ack": _acknowledgements,
    "POST /api/alerts/{alert_id}/ack": _json({"note": "on it"}),
    "POST /api/alert-policies": _scoped({"metric": "memory", "warning": 80}),
    "PUT /api/alert-policies/{policy_id}": _json({"warning": 81}),
    "POST /api/alert-policies/backtest": _backtest,
    "POST /api/silences": _scoped({"ends_at": "2030-01-02 00:00:00"}),
    "POST /api/silences/preview": _scoped({"ends_at": "2030-01-02 00:00:00"}),
    "POST /api/checks": _json(_CHECK),
    "PUT /api/checks/{check_id}": _json(_CHECK),
    "POST /api/channels": _json({"name": "team", "kind": "email", "settings": {"address": "team@example.com"}}),
    "PUT /api/channels/{channel_id}": _json({"name": "another"}),
    "POST /api/config/plan": _json({"config": "silences: []", "days": 1}),
    "POST /api/config/apply": _apply,
    "PUT /api/settings": _json({"digest_wait": 20}),
}


def _operations(world: World) -> set[str]:
    paths = world.send("GET", "/schema/openapi.json").json()["paths"]
    return {f"{method.upper()} {path}" for path, item in paths.items() for method in METHODS if method in item}


def test_the_table_knows_every_route(world: World) -> None:
    """A new route fails here until the table says who may use it; a line without a route fails too."""
    assert {row.operation for row in ROWS} == _operations(world)


def test_every_served_route_is_in_the_document_or_in_the_table(world: World) -> None:
    documented = {operation.split()[1] for operation in _operations(world)}
    served = {_template(route.path_format) for route in world.application.litestar.routes}
    assert served - documented == {_template(path) for path in UNDOCUMENTED}


def _template(path: str) -> str:
    return path.replace(":str}", "}").replace(":int}", "}")


@pytest.mark.parametrize(("path", "status"), UNDOCUMENTED.items())
def test_paths_outside_of_the_api_have_their_status(calm_world: World, path: str, status: int) -> None:
    assert status == calm_world.send("GET", path).status_code


def _is_calm(row: Row, caller: str) -> bool:
    return row.operation.startswith("GET") or row.statuses[caller] >= 400


def test_every_route_that_changes_nothing_answers_as_the_table_says(world: World) -> None:
    scene = Scene(world)
    wrong = [
        (row.operation, row.variant, name, answer.status_code, answer.text[:200])
        for row in ROWS
        for name in CALLERS
        if _is_calm(row, name) and (answer := scene.send(row, scene.caller(name))).status_code != row.statuses[name]
    ]
    assert wrong == []


@pytest.mark.nightly(each=True)
@pytest.mark.parametrize("name", CALLERS)
def test_every_change_answers_as_the_table_says(name: str) -> None:
    """Each has a world of its own, so that none depends on another. One caller's are in the test of the audit log."""
    for row in ROWS:
        if _is_calm(row, name):
            continue
        with closing(World()) as own:
            scene = Scene(own)
            answer = scene.send(row, scene.caller(name))
        assert (row.variant, row.statuses[name]) == (row.variant, answer.status_code), answer.text[:200]


@pytest.fixture(scope="module")
def calm_scene(calm_world: World) -> Scene:
    return Scene(calm_world)


_OWN = ("session", "passkey", "token", "oidc")
NAMES_A_SERVER = [
    row for row in ROWS if row.statuses["other"] == 404 and not any(word in row.operation for word in _OWN)
]


@pytest.mark.parametrize("row", NAMES_A_SERVER, ids=lambda row: f"{row.operation} {row.variant}")
def test_a_hidden_server_is_answered_like_a_missing_one(calm_scene: Scene, row: Row) -> None:
    """To the byte, headers included: nothing tells that it exists."""
    hidden = calm_scene.send(row, calm_scene.other)
    missing = calm_scene.send(row, calm_scene.other, ServerId(NOBODYS_ID), NOBODYS_ID)
    assert (404, hidden.content, hidden.headers) == (missing.status_code, missing.content, missing.headers)


def test_a_hidden_server_is_in_no_list_and_no_count(world: World) -> None:
    scene = Scene(world)
    scene.world.send("POST", "/api/monitor/data", scene.agent, json=report())

    def seen(caller: Caller) -> list[Any]:
        paths = ("/api/servers", "/api/servers?q=192", "/api/monitor/data", "/api/api-keys", "/api/servers/ids")
        lists = [scene.world.send("GET", path, caller).json()["data"] for path in paths]
        lists.append(scene.world.send("GET", "/api/servers/ordered", caller).json()["data"]["servers"])
        lists.append(scene.world.send("GET", f"/api/servers/names?ids={scene.server_id}", caller).json()["data"])
        lists.append(scene.world.send("GET", f"/api/servers?ids={scene.server_id}", caller).json()["data"])
        recent = {"server_ids": scene.server_id}
        lists.append(scene.world.send("GET", "/api/servers/recent", caller, params=recent).json()["data"]["servers"])
        stats = scene.world.send("GET", "/api/monitor/stats", caller).json()["data"]
        export: httpx.Response = scene.world.send("GET", "/api/servers/export", caller)
        return [
            *map(len, lists),
            stats["total_servers"],
            stats["online_servers"],
            len(stats["latest_data"]),
            export.text,
        ]

    header = "server_name,ip_address,port,tags,users\r\n"
    assert [*[0] * 12, header] == seen(scene.other)
    shown = [*[1] * 12, f"{header}host 192.0.2.1,192.0.2.1,22,,user\r\n"]
    assert [shown] * 3 == [seen(caller) for caller in (scene.user, scene.reader, scene.writer)]


def test_a_batch_with_one_hidden_server_changes_none_and_says_no_more_than_with_a_missing_one(world: World) -> None:
    scene = Scene(world)
    own = world.server("192.0.2.2", scene.other)
    answers = [
        world.send(
            "POST",
            "/api/servers/batch",
            scene.other,
            json={"action": "add_tags", "server_ids": [own, second], "tags": ["web"]},
        )
        for second in (scene.server_id, NOBODYS_ID)
    ]
    assert (404, answers[1].content) == (answers[0].status_code, answers[0].content)
    assert [] == world.send("GET", f"/api/servers/{own}", scene.other).json()["data"]["tags"]


def test_a_taken_address_says_taken_and_nothing_more(world: World) -> None:
    """The one thing that tells of a hidden server: the seed's table wants addresses unique."""
    scene = Scene(world)
    answer = world.send("POST", "/api/servers", scene.other, json=_NEW_SERVER | {"ip_address": "192.0.2.1"})
    assert {"code": 409, "msg": "IP 地址已存在", "data": {"reason": "ip_address_taken"}} == answer.json()
