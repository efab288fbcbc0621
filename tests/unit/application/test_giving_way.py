"""Background work interrupts itself soon and goes step by step."""

import sys
import threading
import time

import pytest

from monitor.application.giving_way import LONGEST_PAUSE, SHORT, background, step

PATIENCE = 10.0


class TestBackground:
    def test_threads_switch_sooner_until_the_last_one_ends(self):
        usual = sys.getswitchinterval()
        assert usual > SHORT
        with background():
            with background():
                assert sys.getswitchinterval() == pytest.approx(SHORT)
            assert sys.getswitchinterval() == pytest.approx(SHORT)
        assert sys.getswitchinterval() == pytest.approx(usual)

    def test_the_usual_interval_returns_after_an_error(self):
        usual = sys.getswitchinterval()
        with pytest.raises(ZeroDivisionError), background():
            raise ZeroDivisionError
        assert sys.getswitchinterval() == pytest.approx(usual)


class TestStep:
    def test_one_thread_at_a_time(self):
        entered = threading.Event()

        def other() -> None:
            with step():
                entered.set()

        with step():
            thread = threading.Thread(target=other)
            thread.start()
            assert not entered.wait(0.05)
        assert entered.wait(PATIENCE)
        thread.join(PATIENCE)

    def test_the_next_one_begins_after_an_error(self):
        with pytest.raises(ZeroDivisionError), step(pauses=True):
            raise ZeroDivisionError
        with step():
            pass

    @pytest.mark.parametrize(("pauses", "least"), [(True, 0.01), (False, 0.0)])
    def test_a_pause_is_as_long_as_the_step(self, monkeypatch: pytest.MonkeyPatch, pauses: bool, least: float):
        slept: list[float] = []
        with step(pauses=pauses):
            time.sleep(0.01)
            monkeypatch.setattr(time, "sleep", slept.append)
        assert bool(slept) is pauses
        assert all(least <= pause <= LONGEST_PAUSE for pause in slept)
