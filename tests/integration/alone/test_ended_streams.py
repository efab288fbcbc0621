"""A session or token that ends closes its streams within a second, in whichever process they are open, and the next
request with it is a 401."""

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pyotp
import pytest

from tests.integration.cli.client import Client
from tests.integration.cli.running import Process, server, wait_for
from tests.integration.faults.live_stream import LiveStream
from tests.integration.mariadb import MariaDb

pytestmark = pytest.mark.nightly

SECRET = "a secret that both of the processes sign with"
PASSWORD = "bob's own password"
PROMISED = 1.0
End = Callable[[Client, Client, str, int], object]
"""The administrator, Bob, his name and his id."""


@pytest.fixture(scope="module")
def processes(mariadb: MariaDb, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Process, Process]]:
    name = mariadb.create_database()
    with ExitStack() as stack:
        one, other = (
            stack.enter_context(server(tmp_path_factory.mktemp("home"), mariadb.url(name), JWT_SECRET_KEY=SECRET))
            for _ in range(2)
        )
        yield one, other
    mariadb.drop_database(name)


ENDINGS: dict[str, End] = {
    "session": lambda _, bob, *__: bob.delete(f"/api/auth/sessions/{_current(bob)}"),
    "log-out": lambda _, bob, *__: bob.post("/api/auth/logout", {}),
    "password": lambda _, bob, *__: bob.post(
        "/api/auth/change-password", {"old_password": PASSWORD, "new_password": "a brand new one"}
    ),
    "reset": lambda root, _, name, __: root.put(
        "/api/users/reset-password", {"username": name, "password": "a brand new one"}
    ),
    "role": lambda root, _, __, user_id: root.put(f"/api/users/{user_id}", {"role": "admin"}),
    "all others": lambda _, bob, name, __: _from_elsewhere(bob, name, lambda phone: phone.delete("/api/auth/sessions")),
    "administrator": lambda root, _, __, user_id: root.delete(f"/api/users/{user_id}/sessions"),
    "a second factor": lambda _, bob, name, __: _from_elsewhere(bob, name, _with_totp),
    "factors": lambda root, bob, _, user_id: _with_totp(bob) and root.delete(f"/api/users/{user_id}/totp"),
    "deletion": lambda root, _, __, user_id: root.delete(f"/api/users/{user_id}"),
}


def _current(client: Client) -> str:
    return next(str(session["id"]) for session in client.get("/api/auth/sessions").data if session["current"])


def _with_totp(client: Client) -> bool:
    secret = client.post("/api/auth/totp", {"password": PASSWORD}).data["secret"]
    return client.put("/api/auth/totp", {"code": pyotp.TOTP(secret).now()}).status == 200


def _from_elsewhere(bob: Client, name: str, ask: Callable[[Client], object]) -> None:
    with Client(bob.port) as phone:
        phone.log_in(name, PASSWORD)
        ask(phone)


@pytest.mark.parametrize("how", ENDINGS)
def test_it_closes_here_and_there_within_a_second(processes: tuple[Process, Process], how: str) -> None:
    (one, other), name = processes, f"bob {how}"
    with one.admin() as root, one.client() as bob:
        user_id = root.make_user(name, PASSWORD)
        bob.log_in(name, PASSWORD)
        with (
            LiveStream(one.port, bob) as here,
            LiveStream(other.port, bob) as there,
            LiveStream(other.port, root) as untouched,
        ):
            old = bob.token
            ENDINGS[how](root, bob, name, user_id)
            began = time.monotonic()
            wait_for(lambda: not (here.is_open or there.is_open), "the end of both streams", 10.0)
            assert time.monotonic() - began < PROMISED
            assert untouched.is_open
        for port in (one.port, other.port):
            with Client(port) as late:
                late.use(str(old))
                assert 401 == late.get("/api/auth/me").status
