"""Many parallel log-ins wait for each other and delay no other request."""

import threading
from concurrent.futures import ThreadPoolExecutor
from time import monotonic

from monitor.adapters.memory.stand_ins import InsecurePasswordHasher
from tests.integration.http.served import Served
from tests.integration.http.world import ANONYMOUS, PASSWORD, World

LOG_INS = 40


class SlowHasher(InsecurePasswordHasher):
    """A hasher that waits until it is released."""

    def __init__(self) -> None:
        self.may_go = threading.Event()
        self.is_asked = threading.Event()

    def verify(self, password: str, password_hash: str | None) -> bool:
        self.is_asked.set()
        assert self.may_go.wait(30)
        return super().verify(password, password_hash)


def test_many_log_ins_delay_no_other_request():
    served, hasher = Served(World(is_started=False)), SlowHasher()
    try:
        with served.world.container.shared.hasher.override(hasher), ThreadPoolExecutor(LOG_INS) as pool:
            body = {"username": "admin", "password": PASSWORD}
            log_ins = [
                pool.submit(served.send, "POST", "/api/auth/login", ANONYMOUS, json=body) for _ in range(LOG_INS)
            ]
            assert hasher.is_asked.wait(30)
            began = monotonic()
            try:
                assert 200 == served.send("GET", "/api/servers", served.world.admin).status_code
                assert monotonic() - began < 5
            finally:
                hasher.may_go.set()
            assert {200} <= {each.result().status_code for each in log_ins} <= {200, 429}
    finally:
        served.stop()
