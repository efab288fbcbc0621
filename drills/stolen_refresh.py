"""An attacker copies a refresh cookie and renews it; later the owner uses the old one."""

from pathlib import Path

import httpx

from drills.drill import Drill, Outcome, running_server
from tests.integration.cli.running import PASSWORD

COOKIE = "monitor_refresh"
ROTATIONS = 2


def run(place: Path) -> Outcome:
    with running_server(place) as server, httpx.Client(base_url=server.origin, timeout=30.0) as client:
        body = {"username": "admin", "password": PASSWORD}
        owners = client.post("/api/auth/login", json=body).cookies[COOKIE]
        thiefs, token = owners, ""
        for _ in range(ROTATIONS):
            renewed = _renew(client, thiefs)
            thiefs, token = renewed.cookies[COOKIE], renewed.json()["data"]["token"]
        owner = _renew(client, owners).status_code
        thief = _renew(client, thiefs).status_code
        access = client.get("/api/auth/me", headers={"Authorization": f"Bearer {token}"}).status_code
    seen = f"the owner's old cookie got {owner}, then the thief's {thief} and its access token {access}"
    return Outcome(held=(owner, thief, access) == (401, 401, 401), seen=seen)


def _renew(client: httpx.Client, cookie: str) -> httpx.Response:
    client.cookies.clear()
    return client.post("/api/auth/refresh", headers={"Cookie": f"{COOKIE}={cookie}"})


DRILL = Drill(attack="a thief renews a copied session twice, then the owner's old cookie comes", run=run)
