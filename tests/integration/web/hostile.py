"""A fleet whose every name is as long as it may be, most of them without a place to break."""

from datetime import UTC, datetime, timedelta
from typing import Any

from tests.integration.alerts import scene
from tests.integration.cli.client import Client
from tests.integration.cli.running import Process, wait_for

HOST = "frankfurt_prod_kubernetes_node" * 3
"""Of 90 characters, and what makes each different."""
METRIC = "queue_of_the_payment_gateway_in_production_waiting_for_settle_ms"
USER = "maximilian.alexander.von.und.zu.hohenlohe_waldenbu"
TAGS = [
    "datacenter_frankfurt_am_main_rack_seventeen_unit_3",
    "kubernetes-control-plane-production-europe-west-01",
    "db",
]
REASON = (
    "MigrationOfTheStorageUnderTheDatabase" * 4
    + " and what else is due on this machine, until all of it is back in service"
)
PROCESS = "/usr/lib/jvm/java-21-openjdk-amd64/bin/java-with-a-long-name"
MOUNT = "disk:/var/lib/containers/storage/overlay-images/of-production"
PARTS = {
    "units_failed": 12.0,
    "unit:prometheus-node-exporter-apt-collector-of-produc.service": 0.0,
    "container:kubernetes_payment-gateway_production_7f9c6d5:up": 0.0,
    "container:kubernetes_payment-gateway_production_7f9c6d5:cpu": 88.8,
    "container:kubernetes_payment-gateway_production_7f9c6d5:memory": 123456789012.0,
    "raid:md_d127_of_the_database_in_frankfurt": 0.0,
    "net_rx:enp129s0f0np0.4094": 123456789.0,
    "net_tx:enp129s0f0np0.4094": 123456789.0,
    "disk_read:mapper/vg_of_production-lv_of_the_database": 123456789.0,
    "disk_write:mapper/vg_of_production-lv_of_the_database": 123456789.0,
    "check:the-gateway-of-the-datacenter-in-frankfurt-am-main:up": 0.0,
    "check:the-gateway-of-the-datacenter-in-frankfurt-am-main:ms": 12345.67,
}
CPU = [99.0, 75.0, 99.0, 20.0]


def address(number: int) -> str:
    return f"2001:db8:aaaa:bbbb:cccc:dddd:eeee:{0xFFF0 + number:x}"


def names(number: int) -> str:
    return f"{HOST}{number:010d}"


def fill(running: Process) -> None:
    """Fill each list of each page with at least one row."""
    with running.admin() as client:
        people = _people(client)
        scene.settings(client, digest_wait=1)
        scene.quick_policies(client)
        _policies(client)
        scene.escalation(client, names(2), scene.rota(client, names(1), people))
        servers = [_server(client, number, people) for number in range(len(CPU))]
        _channels(client)
        key = scene.fleet_key(client)
        _report(running, key)
        _silences(client, servers)
        _checks(client, servers[0])
        wait_for(lambda: len(client.get("/api/alerts?state=firing").data) >= len(CPU) + 2, "alerts")
        first = client.get("/api/alerts?state=firing").data[0]
        client.post(f"/api/alerts/{first['id']}/ack", {"note": REASON})
        wait_for(lambda: client.get("/api/notifications").data, "a notification")
        for server in servers:
            client.post("/api/api-keys", {"name": HOST, "server_id": server})


def _people(client: Client) -> list[int]:
    made = []
    for number in range(3):
        made.append(client.make_user(f"{USER[:-1]}{number}", scene.PASSWORD))
        email = f"{'first.middle.last.' * 3}{number}@{'department.' * 5}example.com"
        assert client.put(f"/api/users/{made[-1]}", {"email": email}).data
    return made


def _policies(client: Client) -> None:
    for scope in ({}, {"tag": TAGS[0]}):
        body = {"metric": METRIC, "scope": scope, "warning": 100000.25, "critical": 99999999.5, "sustained_for": 0}
        assert client.post("/api/alert-policies", body).data


def _server(client: Client, number: int, people: list[int]) -> int:
    body = {
        "server_name": names(number),
        "ip_address": address(number),
        "port": 65535,
        "tags": TAGS,
        "user_ids": people,
    }
    server_id: int = client.post("/api/servers", body).data["id"]
    policy = {"metric": "disk", "scope": {"server_id": server_id}, "warning": 15, "critical": 25, "sustained_for": 0}
    assert client.post("/api/alert-policies", policy).data
    return server_id


def _channels(client: Client) -> None:
    mail = {"address": f"{'duty.of.the.night.' * 3}team@{'department.' * 5}example.com"}
    url = {"url": f"https://{'department.' * 5}example.com/{'x' * 90}"}
    for kind, settings in (("email", mail), ("webhook", url)):
        assert client.post("/api/channels", {"name": f"{HOST}-{kind}", "kind": kind, "settings": settings}).data


def _checks(client: Client, server: int) -> None:
    """The fifth and the sixth of all that is watched. Both are down."""
    target = f"https://{'department.' * 5}example.com:65535/{'health/' * 30}"
    check = {"name": names(5), "kind": "http", "target": target, "attempts": 1, "timeout": 1, "server_id": server}
    assert client.post("/api/checks", check).data
    schedule = {"schedule": "0,15,30,45 1-5,7,9-11 1,15 1-11/2 mon-fri", "timezone": "America/Argentina/Buenos_Aires"}
    check_in = {"name": names(6), "grace": 90061, "server_id": server, **schedule}
    path = client.post("/api/check-ins", check_in).data["ping_path"]
    assert client.get(f"{path}/start").status == 200
    assert client.post(f"{path}/255", REASON).status == 200


def _report(running: Process, key: str) -> None:
    """The last 20 minutes, and from one more host that is not registered."""
    now = datetime.now(UTC).replace(microsecond=0)
    extra = {
        **PARTS,
        METRIC: 123456789.25,
        MOUNT: 88.8,
        "load1": 123456789.25,
        "load15": 123456789.25,
        "net_rx": 123456789.0,
        "net_tx": 1.0,
        "swap": 99.9,
    }
    for number, cpu in enumerate([*CPU, 1.0]):
        samples = [
            {
                "ip_address": address(number),
                "recorded_at": f"{now - timedelta(seconds=15 * back):%Y-%m-%d %H:%M:%S}",
                "metrics": {"cpu_value": cpu, "memory_value": 99.9, "disk_value": 20, "extra": extra},
            }
            for back in range(80, -1, -1)
        ]
        with running.client(key) as agent:
            assert agent.post("/api/monitor/data/batch", {"samples": samples}).status in (200, 404)
            body = {"metrics": {"cpu_value": cpu, "memory_value": 99.9, "disk_value": 20, "extra": extra}}
            processes = [{"name": PROCESS, "cpu": 100.0, "memory": 99.9}]
            agent.post("/api/monitor/data", {**body, "ip_address": address(number), "processes": processes})


def _silences(client: Client, servers: list[int]) -> None:
    when: dict[str, Any] = {"ends_at": "2099-01-01 00:00:00"}
    zone = "America/Argentina/Buenos_Aires"
    weekly = {"weekdays": [0, 1, 2, 3, 4, 6], "starts": "22:30", "duration": 27000, "zone": zone}
    for scope, metric, more in (
        ({"server_id": servers[1]}, None, when),
        ({"tag": TAGS[1]}, METRIC, {**when, "starts_at": "2098-01-01 00:00:00"}),
        ({"server_id": servers[3]}, METRIC, {**when, "recurrence": weekly}),
    ):
        body = {"scope": scope, "metric": metric, "reason": REASON, **more}
        answer = client.post("/api/silences", body)
        assert answer.status == 200, answer.body
