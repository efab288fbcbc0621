"""An attacker reads all files of the database after every kind of secret was used."""

from pathlib import Path

import httpx

from drills.databases import MARIADB, SQLITE
from drills.drill import Drill, Outcome, running_server
from tests.integration.cli.client import Client
from tests.integration.cli.running import PASSWORD, Process
from tests.integration.mariadb import private_mariadb

EXEMPT = frozenset({"jwt-secret", "secrets-key"})
"""Files in the data directory that are not part of the database."""
CHANNELS = {
    "webhook": {"url": "https://hooks.example.com/services/W3BH00K-T0KEN?key=QU3RY-T0KEN", "secret": "S1GN1NG-S3CRET"},
    "apprise": {"url": "json://user:APPR1SE-PASSW0RD@example.com/APPR1SE-T0KEN"},
}
IN_CHANNELS = ["W3BH00K-T0KEN", "QU3RY-T0KEN", "S1GN1NG-S3CRET", "APPR1SE-PASSW0RD", "APPR1SE-T0KEN"]
ANN = "a passphrase of her own"
MISTYPED = "A-PASSW0RD-typed-as-a-name"


def run(place: Path) -> Outcome:
    with running_server(place) as server:
        secrets = _use(server)
        server.stop()
        found = {SQLITE: _found(server.data, secrets)}
    with private_mariadb() as mariadb:
        with running_server(place, mariadb.url(mariadb.create_database())) as server:
            secrets = _use(server)
            found[MARIADB] = _found(mariadb.directory, secrets)
        mariadb.stop()
        found[MARIADB] |= _found(mariadb.directory, secrets)
    leaked = [f"{database}: {' '.join(sorted(names))}" for database, names in found.items() if names]
    seen = "; ".join(leaked) if leaked else f"none of {len(secrets)} secrets in any file of SQLite or MariaDB"
    return Outcome(held=not leaked, seen=seen)


def _use(server: Process) -> dict[str, str]:
    """Use each kind of secret once. Returns the secrets by name."""
    with server.admin() as admin, httpx.Client(base_url=server.origin, timeout=30.0) as browser:
        admin.make_user("ann", ANN)
        for kind, settings in CHANNELS.items():
            made = admin.post("/api/channels", {"name": kind, "kind": kind, "settings": settings}).data
            admin.post(f"/api/channels/{made['id']}/test", {})
            admin.put(f"/api/channels/{made['id']}", {"name": f"{kind} renamed"})
        server_id = admin.post("/api/servers", {"server_name": "web", "ip_address": "10.0.0.1"}).data["id"]
        body = {"name": "agent", "server_id": server_id}
        keys = [admin.post("/api/api-keys", body | which).data["key"] for which in ({}, {"server_id": None})]
        with Client(server.port, key=keys[0]) as agent:
            agent.post("/api/monitor/data", {"metrics": {"cpu_value": 1, "memory_value": 2, "disk_value": 3}})
        browser.post("/api/auth/login", json={"username": MISTYPED, "password": PASSWORD})
        answer = browser.post("/api/auth/login", json={"username": "admin", "password": PASSWORD})
        cookies = {f"cookie {name}": value for name, value in answer.cookies.items()}
        first = browser.post("/api/auth/refresh")
        renewed = {f"renewed {name}": value for name, value in first.cookies.items()}
        token = first.json()["data"]["token"]
        ticket = admin.post("/api/live/ticket", {}).data["ticket"]
    named = {name: name for name in IN_CHANNELS}
    tokens = {"access token": token, "live ticket": ticket, "server key": keys[0], "fleet key": keys[1]}
    return {
        "admin": PASSWORD,
        "ann": "ann's own passphrase",
        "mistyped": MISTYPED,
        **tokens,
        **cookies,
        **renewed,
        **named,
    }


def _found(directory: Path, secrets: dict[str, str]) -> set[str]:
    found = set()
    for path in directory.rglob("*"):
        if path.is_file() and path.name not in EXEMPT:
            content = path.read_bytes()
            found |= {name for name, secret in secrets.items() if secret.encode() in content}
    return found


DRILL = Drill(attack="all files of the database are searched for every secret that was used", run=run)
