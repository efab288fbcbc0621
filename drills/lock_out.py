"""Unknown clients guess the administrator's password to lock the administrator out."""

from pathlib import Path

import httpx

from drills.drill import Drill, Outcome, running_server
from tests.integration.cli.running import PASSWORD

ADDRESSES = 50
GUESSES = 10
NEW_PASSWORD = "a brand new one"  # noqa: S105  # of a server that lives for a minute
LONGEST_WAIT = 60


def run(place: Path) -> Outcome:
    with (
        running_server(place, MONITOR_TRUSTED_PROXIES="127.0.0.1") as server,
        httpx.Client(base_url=server.origin, timeout=30.0) as owner,
        httpx.Client(base_url=server.origin, timeout=30.0) as unknown,
    ):
        token = _log_in(owner, "192.0.2.1", PASSWORD).json()["data"]["token"]
        owner_id = owner.get("/api/auth/me", headers={"Authorization": f"Bearer {token}"}).json()["data"]["id"]
        for number in range(GUESSES):
            _log_in(unknown, f"198.51.100.{number}", "wrong", f"\tchange-password:{owner_id}")
        body = {"old_password": PASSWORD, "new_password": NEW_PASSWORD}
        changed = owner.post("/api/auth/change-password", json=body, headers={"Authorization": f"Bearer {token}"})
        password = NEW_PASSWORD if changed.status_code == 200 else PASSWORD
        verified = admitted = 0
        for number in range(ADDRESSES):
            for _ in range(GUESSES):
                verified += _log_in(unknown, f"203.0.113.{number}", "wrong").status_code == 401
            admitted += _log_in(owner, "203.0.113.0", password).status_code == 200
        elsewhere = _log_in(unknown, "192.0.2.9", password)
    wait = int(elsewhere.headers.get("retry-after", 0))
    held = changed.status_code == 200 and admitted == ADDRESSES and wait <= LONGEST_WAIT
    guesses = f"{verified} of {ADDRESSES * GUESSES} guesses were checked"
    return Outcome(
        held=held,
        seen=f"password change {changed.status_code}; {guesses}; the owner got in {admitted} times of {ADDRESSES}; "
        f"a new device waits {wait} s",
    )


def _log_in(client: httpx.Client, address: str, password: str, username: str = "admin") -> httpx.Response:
    body = {"username": username, "password": password}
    return client.post("/api/auth/login", json=body, headers={"X-Forwarded-For": address})


DRILL = Drill(attack="10 log-ins named like a password change; 10 wrong passwords from 50 addresses", run=run)
