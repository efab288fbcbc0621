from datetime import timedelta

import pytest

from monitor.adapters.memory.fakes import CountedSecrets, FixedClock
from monitor.adapters.system import SystemClock, SystemSecrets
from tests.contracts.builders import AT
from tests.contracts.clock import ClockContract
from tests.contracts.secrets import SecretsContract


class TestSystemClock(ClockContract):
    @pytest.fixture
    def clock(self):
        return SystemClock()


class TestFixedClock(ClockContract):
    @pytest.fixture
    def clock(self):
        return FixedClock(AT)

    def test_it_moves_only_when_it_is_advanced(self, clock):
        assert clock.now() == clock.now() == AT
        clock.advance(90)
        clock.advance(timedelta(minutes=1))
        clock.advance(-0.5)
        assert clock.now() == AT + timedelta(seconds=149.5)


class TestSystemSecrets(SecretsContract):
    @pytest.fixture
    def secrets(self):
        return SystemSecrets()


class TestCountedSecrets(SecretsContract):
    @pytest.fixture
    def secrets(self):
        return CountedSecrets()

    def test_the_same_seed_gives_the_same_secrets(self):
        one, two, other = CountedSecrets("a"), CountedSecrets("a"), CountedSecrets("b")
        assert [one.token() for _ in range(3)] == [two.token() for _ in range(3)]
        assert one.token() != other.token()
