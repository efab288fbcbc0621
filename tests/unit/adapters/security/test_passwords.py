import subprocess
import sys
import threading
import time

import pytest

from monitor.adapters.memory.fakes import InsecurePasswordHasher
from monitor.adapters.security.passwords import Argon2PasswordHasher
from tests.contracts.password_hasher import PasswordHasherContract
from tests.contracts.threads import at_once


class TestInsecurePasswordHasher(PasswordHasherContract):
    @pytest.fixture
    def hasher(self):
        return InsecurePasswordHasher()

    def test_its_hashes_name_their_method(self, hasher):
        assert hasher.hash("correct horse").startswith("insecure-for-tests$")


class TestArgon2PasswordHasher(PasswordHasherContract):
    @pytest.fixture
    def hasher(self):
        return Argon2PasswordHasher()

    def test_hashes_are_salted_argon2id_with_owasps_parameters(self, hasher):
        one, two = hasher.hash("correct horse"), hasher.hash("correct horse")
        assert one != two
        assert one.startswith("$argon2id$v=19$m=19456,t=2,p=1$")

    @pytest.mark.parametrize(
        ("password", "hashed"),
        [("correct horse", None), ("\ud800", None), ("correct horse", "damaged"), ("x" * 9_999, "")],
    )
    def test_no_user_and_a_damaged_hash_take_as_long_as_a_wrong_password(self, hasher, password, hashed):
        """Measured in CPU time of this thread; the fastest of several runs counts."""
        stored = hasher.hash("correct horse")
        wrong = min(cpu_time(hasher, "wrong horse", stored) for _ in range(5))
        other = min(cpu_time(hasher, password, hashed) for _ in range(5))
        assert 0.5 * wrong < other < 2 * wrong

    def test_at_most_two_passwords_are_hashed_at_once(self):
        """Each takes 19 MiB and a core."""
        hasher = Argon2PasswordHasher()
        slow = Slow(hasher._argon2)
        hasher.__dict__["_argon2"] = slow  # where the lazily imported one is kept
        at_once(*[lambda: finish(hasher)] * 6)
        assert slow.most == 2


def cpu_time(hasher: Argon2PasswordHasher, password: str, hashed: str | None) -> float:
    start = time.thread_time()
    hasher.verify(password, hashed)
    return time.thread_time() - start


def finish(hasher: Argon2PasswordHasher) -> None:
    hasher.hash("correct horse")


class Slow:
    """Counts parallel calls; each waits until a second one could start."""

    def __init__(self, real) -> None:
        self._real = real
        self._lock = threading.Lock()
        self._meet = threading.Barrier(2)
        self._inside = 0
        self.most = 0

    def hash(self, password: str) -> str:
        with self._lock:
            self._inside += 1
            self.most = max(self.most, self._inside)
        self._meet.wait(30)
        hashed = self._real.hash(password)
        with self._lock:
            self._inside -= 1
        return str(hashed)


def test_importing_the_adapter_does_not_import_passlib():
    """All commands import the adapter, but few hash."""
    program = "import sys, monitor.adapters.security.passwords; sys.exit('passlib' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0
