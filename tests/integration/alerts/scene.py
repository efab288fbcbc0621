"""What an administrator sets up through the API before anything can alert."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from tests.integration.alerts.reporters import Host
from tests.integration.cli.client import Client

PASSWORD = "correct horse battery"


def quick_policies(admin: Client, **sustained_for: float) -> None:
    """Let the default policies fire and resolve at once, or after the given seconds."""
    for policy in admin.get("/api/alert-policies").data:
        if policy["metric"] != "offline":
            seconds = sustained_for.get(policy["metric"], 0)
            assert admin.put(f"/api/alert-policies/{policy['id']}", {"sustained_for": seconds, "clear_for": 0}).data


def person(admin: Client, name: str) -> int:
    """The id of a new user whose address is `<name>@example.com`."""
    user_id = admin.make_user(name, PASSWORD)
    assert admin.put(f"/api/users/{user_id}", {"email": f"{name}@example.com"}).data
    return user_id


def hosts(admin: Client, count: int, user_ids: Sequence[int], *, network: int = 1) -> list[Host]:
    """Each in a /24 of its own: with nothing in common they share no incident, and each event has its message."""
    made = []
    for number in range(count):
        address = f"10.{network}.{number}.1"
        body = {"server_name": f"host-{network}-{number}", "ip_address": address, "user_ids": list(user_ids)}
        made.append(Host(admin.post("/api/servers", body).data["id"], address))
    return made


def fleet_key(admin: Client) -> str:
    key: str = admin.post("/api/api-keys", {"name": "fleet", "server_id": None}).data["key"]
    return key


def settings(admin: Client, **changes: float) -> None:
    assert admin.put("/api/settings", changes).data


def report(port: int, key: str, cpu: float, **more: Any) -> Any:
    """Send one sample of now, and return the answer."""
    body = {"metrics": {"cpu_value": cpu, "memory_value": 20, "disk_value": 20}, **more}
    with Client(port, key=key) as agent:
        return agent.post("/api/monitor/data", body).data


def rota(admin: Client, name: str, user_ids: Sequence[int]) -> int:
    """Make a rota of weeks, since yesterday, in which the first one is on call. Return its id."""
    began = datetime.now(UTC) - timedelta(days=1)
    body = {"name": name, "timezone": "America/Argentina/Buenos_Aires", "starts_at": f"{began:%Y-%m-%d %H:%M:%S}"}
    answer = admin.post("/api/rotas", {**body, "turn": {"days": 7}, "user_ids": list(user_ids)})
    assert answer.status == 200, answer.body
    rota_id: int = answer.data["id"]
    return rota_id


def escalation(admin: Client, name: str, rota_id: int, *, after: int = 600) -> int:
    """Notify who is on call, then the people linked to the server. Return its id."""
    steps = [{"after": 0, "to": [{"rota_id": rota_id}]}, {"after": after, "to": [{"linked": True}]}]
    answer = admin.post("/api/escalations", {"name": name, "steps": steps})
    assert answer.status == 200, answer.body
    escalation_id: int = answer.data["id"]
    return escalation_id


def team(admin: Client, name: str, server_ids: Sequence[int], escalation_id: int) -> None:
    """Make a team of nobody, whose servers' alerts go by the escalation alone."""
    body = {"name": name, "access": "read", "user_ids": [], "server_ids": list(server_ids)}
    answer = admin.post("/api/teams", {**body, "escalation_id": escalation_id})
    assert answer.status == 200, answer.body
