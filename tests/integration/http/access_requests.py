"""What the requests of the table of access consist of, and the places of the ids in them."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, TypeGuard

from monitor.application.accounts.log_in import IssueLoginLink
from monitor.application.configuration.current import ReadConfiguration
from monitor.application.oncall.calendars import Calendars
from tests.integration.http.authenticator import begun, with_totp
from tests.integration.http.world import PASSWORD, Caller, Json, Person, report
from tests.remote_writes import HEADERS, body, host_series

if TYPE_CHECKING:
    from tests.integration.http.access_scene import Scene

ID = re.compile(r"(?:.*_)?ids?")
"""The names of what holds ids in paths, queries and bodies."""
Place = tuple[str, ...]
"""Of a value in a request: "path", "query" or "body", and its names from the outside to the inside."""

_KEYS = {"query": "params", "body": "json"}
"""Of the parts of a request that are arguments of `World.send`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """*path*: with names in braces for the values in *named*. *more*: what else `World.send` takes."""

    method: str
    path: str
    named: Json
    more: Json

    @property
    def ids(self) -> dict[Place, Any]:
        """The ids that it names, by their place."""
        parts = {"path": self.named} | {part: self.more.get(key) or {} for part, key in _KEYS.items()}
        return dict(_ids(parts, ()))

    def with_value(self, place: Place, value: object) -> "Request":
        """Return the request with *value* there, in the form of the ids that are there now."""
        match self.ids.get(place):
            case list():
                value = [value]
            case str() if place[0] == "query":
                value = str(value)
        part, *names = place
        if part == "path":
            return replace(self, named=_with(self.named, names, value))
        key = _KEYS[part]
        return replace(self, more=self.more | {key: _with(self.more.get(key) or {}, names, value)})

    def has_room_at(self, place: Place) -> bool:
        """Tell whether what would hold the value is there."""
        part, *names = place
        held = self.more.get(_KEYS[part]) or {}
        for name in names[:-1]:
            held = held.get(name) or {}
        return part == "query" or bool(held)


def _ids(held: Mapping[str, Any], place: Place) -> Iterator[tuple[Place, Any]]:
    for name, value in held.items():
        if isinstance(value, dict):
            yield from _ids(value, (*place, name))
        elif ID.fullmatch(name):
            yield (*place, name), value


def _with(held: Json, names: list[str], value: object) -> Json:
    first, *others = names
    return held | {first: _with(held[first], others, value) if others else value}


def nothing(*_: object) -> Json:
    return {}


def _json(body: Json) -> Callable[..., Json]:
    return lambda *_: {"json": body}


def _refresh(scene: "Scene", variant: str, caller: Caller) -> Json:
    return {"headers": caller.cookie} if isinstance(caller, Person) else {}


def _first_code(scene: "Scene", variant: str, caller: Caller) -> Json:
    return {"json": {"code": begun(scene.world, caller).code() if _is_open(caller, scene) else ""}}


def _code(scene: "Scene", variant: str, caller: Caller) -> Json:
    return {"json": {"code": with_totp(scene.world, caller).next_code() if _is_open(caller, scene) else ""}}


def _password_and_code(scene: "Scene", variant: str, caller: Caller) -> Json:
    return {"json": _code(scene, variant, caller)["json"] | {"password": PASSWORD}}


def _is_open(caller: Caller, scene: "Scene") -> TypeGuard[Person]:
    return isinstance(caller, Person) and caller is not scene.revoked


def _batch(scene: "Scene", variant: str, caller: Caller) -> Json:
    more: dict[str, Json] = {"delete": {}, "silence": {"silence": {"ends_at": "2030-01-02 00:00:00"}}}
    others: Json = {"tags": ["web"]} if variant.endswith("_tags") else {"user_ids": [scene.carol.id]}
    return {"json": {"action": variant, "server_ids": [scene.server_id]} | more.get(variant, others)}


def _new_key(scene: "Scene", variant: str, caller: Caller) -> Json:
    return {"json": {"name": "new", "server_id": None if variant == "of_fleet" else scene.server_id}}


def _asked(**more: Any) -> Callable[..., Json]:
    """A query about what the variant is of."""
    return lambda scene, variant, _: {"params": scene.scope(variant) | more}


def _alerts_query(scene: "Scene", variant: str, caller: Caller) -> Json:
    return (
        _asked(state="pending")(scene, "of_server", caller)
        if variant == "pending"
        else _asked()(scene, variant, caller)
    )


def _acknowledgements(scene: "Scene", variant: str, caller: Caller) -> Json:
    return {"json": {"alert_ids": [scene.id_of("alert_id", variant)]}}


def _scoped(body: Json) -> Callable[..., Json]:
    return lambda scene, variant, _: {"json": body | {"scope": scene.scope(variant)}}


def _policy_change(scene: "Scene", variant: str, caller: Caller) -> Json:
    return {"json": {"scope": scene.scope(variant)} if variant.startswith("to_") else {"warning": 81}}


def _backtest(scene: "Scene", variant: str, caller: Caller) -> Json:
    metric = "ms" if variant.startswith("of_check") else "cpu"
    policy = {"metric": metric, "warning": 80, "sustained_for": 0, "scope": scene.scope(variant)}
    return {"json": {"policy": policy, "days": 1}}


def _on_localhost(scene: "Scene", variant: str, caller: Caller) -> Json:
    return {"headers": {"Host": "localhost"}}


def _new_passkey(scene: "Scene", variant: str, caller: Caller) -> Json:
    body = {"name": "laptop", "credential": scene.subjects.new_passkey(caller)}
    return {"json": body, **_on_localhost(scene, variant, caller)}


def _signature(scene: "Scene", variant: str, caller: Caller) -> Json:
    body = {"credential": scene.subjects.signature()}
    return {"json": body, **_on_localhost(scene, variant, caller)}


def _csv(scene: "Scene", variant: str, caller: Caller) -> Json:
    return {
        "content": b"server_name,ip_address,port,tags,users\r\nnew,192.0.2.77,22,,\r\n",
        "headers": {"Content-Type": "text/csv"},
    }


def _apply(scene: "Scene", variant: str, caller: Caller) -> Json:
    silence = "{scope: everything, starts_at: 2030-01-01 12:00:00, ends_at: 2030-01-02 00:00:00}"
    revision = scene.world.container.get(ReadConfiguration)(scene.admin.actor).revision
    return {"json": {"config": f"silences: [{silence}]", "revision": revision}}


def _of_server(name: str, body: Json) -> Callable[..., Json]:
    """A body that names the server, or a list of it."""
    return lambda scene, *_: {"json": body | {name: [scene.server_id] if name.endswith("s") else scene.server_id}}


_TEAM = _of_server("server_ids", {"name": "new", "user_ids": [], "tags": ["new"], "access": "write"})
_CHECK = _of_server("server_id", {"name": "new", "kind": "ping", "target": "192.0.2.2"})
_CHECK_IN = _of_server("server_id", {"name": "new", "period": 60, "grace": 5})
SUBSCRIPTION: Json = {
    "endpoint": "https://push.example.com/1",
    "keys": {
        "p256dh": "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4",
        "auth": "BTBZMqHH6r4Tts7J_aSIgg",
    },
}
"""Of a browser: the example of RFC 8291, appendix A."""
NEW_SERVER = {"server_name": "new", "ip_address": "192.0.2.99", "port": 22}


def _login_link(scene: "Scene", variant: str, caller: Caller) -> Json:
    return {"json": {"token": scene.world.container.get(IssueLoginLink)(scene.admin.actor, "carol")}}


_ROTA = {"name": "new", "timezone": "UTC", "starts_at": "2030-01-01 08:00:00", "user_ids": []}
_ESCALATION = {"name": "new", "steps": [{"after": 0, "to": [{"linked": True}]}]}


def _file(scene: "Scene", variant: str, caller: Caller) -> Json:
    return {"params": {"token": scene.world.container.get(Calendars).token(scene.subjects.id_of("rota_id", ""))}}


def _override(scene: "Scene", starts: str, ends: str) -> Json:
    return {"user_id": scene.admin.id, "starts_at": f"2030-01-01 {starts}:00", "ends_at": f"2030-01-01 {ends}:00"}


def _channel(body: Json) -> Callable[..., Json]:
    """A channel for what the variant is of."""

    def more(scene: "Scene", variant: str, caller: Caller) -> Json:
        scopes: dict[str, Callable[[], Json]] = {
            "of_team": lambda: {"team_id": scene.id_of("team_id", "")},
            "of_server": lambda: {"server_ids": [scene.server_id]},
            "of_check": lambda: {"check_ids": [scene.check_id]},
        }
        return {"json": body | ({"scope": scopes[variant]()} if variant else {})}

    return more


def _drill(scene: "Scene", variant: str, caller: Caller) -> Json:
    if variant == "of_server":
        return {"json": {"server_id": scene.server_id}}
    return {"json": {"rota_id": scene.subjects.id_of("called_rota_id", "")}}


def _rehearsal(scene: "Scene", variant: str, caller: Caller) -> Json:
    body: Json = {"days": 1}
    if variant == "of_rota":
        body["rota"] = _ROTA | {"id": scene.subjects.id_of("rota_id", "")}
    if variant == "of_escalation":
        body["escalation"] = _ESCALATION | {"id": scene.subjects.id_of("escalation_id", "")}
    return {"json": body}


REQUESTS: dict[str, Callable[..., Json]] = {
    "POST /api/auth/login": _json({"username": "carol", "password": PASSWORD}),
    "POST /api/auth/login-link": _login_link,
    "POST /api/auth/oidc/join": _json({}),
    "POST /api/auth/refresh": _refresh,
    "PUT /api/auth/me": _json({"email": "me@example.com", "locale": "en"}),
    "PUT /api/auth/me/ways": lambda *_: {"json": [{"kind": "mail"}]},
    "POST /api/auth/me/push": _json(SUBSCRIPTION),
    "DELETE /api/auth/me/push": _json({"endpoint": SUBSCRIPTION["endpoint"]}),
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
    "POST /api/teams": _TEAM,
    "PUT /api/teams/{team_id}": _TEAM,
    "POST /api/check-ins": _CHECK_IN,
    "PUT /api/check-ins/{check_in_id}": _CHECK_IN,
    "POST /api/servers": _json(NEW_SERVER),
    "PUT /api/servers/{server_id}": _json(NEW_SERVER | {"user_ids": []}),
    "POST /api/servers/{server_id}/users": _json({"user_ids": []}),
    "PUT /api/servers/{server_id}/tags": _json({"tags": ["web"]}),
    "POST /api/servers/batch": _batch,
    "POST /api/servers/import": _csv,
    "POST /api/api-keys": _new_key,
    "POST /api/monitor/data": _json(report()),
    "POST /api/monitor/data/batch": _json({"samples": [report(recorded_at="2030-01-01 11:59:00")]}),
    "POST /api/prometheus/write": lambda *_: {"content": body(host_series(1_893_499_200_000)), "headers": HEADERS},
    "GET /api/monitor/data": _asked(),
    "GET /api/servers": _asked(),
    "GET /api/incidents": _asked(),
    "GET /api/servers/names": lambda scene, *_: {"params": {"ids": str(scene.server_id)}},
    "GET /api/servers/recent": lambda scene, *_: {"params": {"server_ids": str(scene.server_id)}},
    "GET /api/checks": _asked(),
    "GET /api/check-ins": _asked(),
    "GET /api/live": lambda scene, variant, _: {"params": {k: str(v) for k, v in scene.scope(variant).items()}},
    "GET /api/alerts": _alerts_query,
    "GET /api/alerts/explain": _asked(metric="cpu"),
    "GET /api/alerts/noise": _asked(),
    "GET /api/notifications": lambda scene, *_: {"params": {"server_id": scene.server_id, "user_id": scene.carol.id}},
    "GET /api/audit": lambda scene, *_: {"params": {"user_id": scene.carol.id}},
    "GET /api/audit/export": lambda scene, *_: {"params": {"user_id": scene.carol.id}},
    "POST /api/alerts/ack": _acknowledgements,
    "POST /api/alerts/{alert_id}/ack": _json({"note": "on it"}),
    "POST /api/alert-policies": _scoped({"metric": "memory", "warning": 80}),
    "POST /api/alert-policies/preview": _scoped({"metric": "memory", "warning": 80}),
    "PUT /api/alert-policies/{policy_id}": _policy_change,
    "POST /api/alert-policies/backtest": _backtest,
    "GET /api/silences": _asked(),
    "POST /api/silences": _scoped({"ends_at": "2030-01-02 00:00:00"}),
    "POST /api/silences/preview": _scoped({"ends_at": "2030-01-02 00:00:00"}),
    "POST /api/checks": _CHECK,
    "POST /api/checks/try": lambda scene, *_: _CHECK(scene) | {"params": {"check_id": scene.check_id}},
    "POST /api/checks/batch": lambda scene, *_: {
        "json": {"action": "pause", "check_ids": [scene.check_id], "check_in_ids": [scene.check_in_id]}
    },
    "GET /api/checks/uptime": _asked(),
    "PUT /api/checks/{check_id}": _CHECK,
    "POST /api/channels": _channel({"name": "team", "kind": "email", "settings": {"address": "team@example.com"}}),
    "PUT /api/channels/{channel_id}": _channel({"name": "another"}),
    "POST /api/rotas": _json(_ROTA),
    "PUT /api/rotas/{rota_id}": _json(_ROTA),
    "GET /api/rotas/{rota_id}": _file,
    "POST /api/rotas/{rota_id}/overrides": lambda scene, *_: {"json": _override(scene, "12:30", "13:00")},
    "DELETE /api/rotas/{rota_id}/overrides": lambda scene, *_: {"params": _override(scene, "13:00", "14:00")},
    "POST /api/alerts/drill": _drill,
    "POST /api/on-call/rehearsal": _rehearsal,
    "POST /api/escalations": _json(_ESCALATION),
    "PUT /api/escalations/{escalation_id}": _json(_ESCALATION),
    "POST /api/config/plan": _json({"config": "silences: []", "days": 1}),
    "POST /api/config/apply": _apply,
    "PUT /api/settings": _json({"digest_wait": 20}),
    "PUT /api/settings/mail": _json({"sender": "monitor@example.com"}),
    "POST /api/settings/mail/test": _json({}),
}
