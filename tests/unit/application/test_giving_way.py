"""Background work interrupts itself soon and goes step by step."""

import sys
import threading
from types import SimpleNamespace

import pytest

from monitor.application import giving_way
from monitor.application.giving_way import LONG, LONGEST_PAUSE, SHORT, background, step

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
        with pytest.raises(ZeroDivisionError), step():
            raise ZeroDivisionError
        with step():
            pass

    @pytest.mark.parametrize(
        ("took", "pauses"),
        [(SHORT / 2, []), (LONG / 2, [LONG / 2]), (LONG, [3 * LONG]), (5.0, [LONGEST_PAUSE])],
    )
    def test_the_pause_depends_on_the_length_of_the_step(
        self, monkeypatch: pytest.MonkeyPatch, took: float, pauses: list[float]
    ):
        slept: list[float] = []
        # Not in the module `time` itself: other threads of the run use it too.
        own_time = SimpleNamespace(sleep=slept.append, monotonic=iter([0.0, took]).__next__)
        monkeypatch.setattr(giving_way, "time", own_time)
        with step():
            pass
        assert slept == pytest.approx(pauses)
