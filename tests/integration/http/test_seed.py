"""The seed's own examples, to the letter: every field that it shows, and its two messages."""

from typing import Any

from tests.integration.http.world import PASSWORD, World, agent, report

CREATED_AT = "2030-01-01 12:00:00"


def data(world: World, method: str, path: str, **more: Any) -> Any:
    answer = world.send(method, path, world.admin, **more)
    assert 200 == answer.status_code, answer.text
    return answer.json()["data"]


def test_log_in(world: World) -> None:
    answer = world.send("POST", "/api/auth/login", json={"username": "admin", "password": PASSWORD}).json()
    assert (200, "登录成功") == (answer["code"], answer["msg"])
    assert {"id": 1, "username": "admin", "role": "admin"}.items() <= answer["data"]["user"].items()
    token = {"Authorization": f"Bearer {answer['data']['token']}"}
    assert 200 == world.send("GET", "/api/users", headers=token).status_code


def test_users(world: World) -> None:
    created = data(world, "POST", "/api/users", json={"username": "newuser", "password": "password123", "role": "user"})
    assert {"id": 2, "username": "newuser", "role": "user", "created_at": CREATED_AT}.items() <= created.items()
    listed = world.send("GET", "/api/users", world.admin).json()
    assert (200, "获取成功") == (listed["code"], listed["msg"])
    assert ["admin", "newuser"] == [user["username"] for user in listed["data"]]
    assert {"id": 1, "username": "admin", "role": "admin", "created_at": CREATED_AT}.items() <= listed["data"][
        0
    ].items()

    data(world, "PUT", "/api/users/reset-password", json={"username": "newuser", "password": "newpassword123"})
    assert world.log_in("newuser", "newpassword123").id == 2
    assert data(world, "DELETE", "/api/users/2") is None
    assert ["admin"] == [user["username"] for user in data(world, "GET", "/api/users")]


def test_servers(world: World) -> None:
    one, two = world.person("one").id, world.person("two").id
    body = {"server_name": "新服务器", "ip_address": "192.168.1.101", "port": 22, "user_ids": [1, one]}
    created = data(world, "POST", "/api/servers", json=body)
    expected = {
        "id": 1,
        "server_name": "新服务器",
        "ip_address": "192.168.1.101",
        "port": 22,
        "status": "offline",
        "tags": [],
        "users": [{"id": 1, "username": "admin"}, {"id": one, "username": "one"}],
        "created_at": CREATED_AT,
        "clock_skew": None,
        "agent": None,
        "silenced": [],
        "teams": [],
        "may_change": True,
        "depends_on": [],
    }
    assert expected == created
    listed = world.send("GET", "/api/servers", world.admin).json()
    assert {"code": 200, "msg": "获取成功", "data": [expected]} == listed

    change = {"server_name": "更新服务器", "ip_address": "192.168.1.101", "port": 22, "user_ids": [1, one, two]}
    changed = data(world, "PUT", "/api/servers/1", json=change)
    assert ("更新服务器", 3) == (changed["server_name"], len(changed["users"]))
    linked = data(world, "POST", "/api/servers/1/users", json={"user_ids": [two]})
    assert [{"id": two, "username": "two"}] == linked["users"]
    assert data(world, "DELETE", "/api/servers/1") is None
    assert [] == data(world, "GET", "/api/servers")


def test_the_port_is_22_by_default(world: World) -> None:
    assert 22 == data(world, "POST", "/api/servers", json={"server_name": "a", "ip_address": "192.0.2.1"})["port"]


def test_monitoring(world: World) -> None:
    server_id = world.server("192.168.1.100", name="Web服务器")
    world.server("192.168.1.102")
    body = report(ip_address="192.168.1.100")
    sent = world.send("POST", "/api/monitor/data", agent(world.fleet_key()), json=body).json()
    values = {"cpu_value": 45.5, "memory_value": 67.8, "disk_value": 23.4, "recorded_at": CREATED_AT}
    named = {"server_id": server_id, "server_name": "Web服务器", "ip_address": "192.168.1.100"}
    assert {"code": 200, "msg": "提交成功", "data": {"status": "stored", **named, **values}} == sent

    rows = world.send("GET", "/api/monitor/data", world.admin, params={"server_id": server_id}).json()
    assert {
        "code": 200,
        "msg": "获取成功",
        "data": [{"id": 1, **named, **values, "extra": {}, "interval": None}],
    } == rows
    stats = data(world, "GET", "/api/monitor/stats")
    assert {"total_servers": 2, "online_servers": 1, "offline_servers": 1, "alert_count": 0} == {
        name: value for name, value in stats.items() if name not in ("latest_data", "never_reported")
    }
    assert [{**named, "status": "online", **values, "clock_skew": None}] == stats["latest_data"]
