"""Which neighbour is quietest, and what it loses."""

from array import array

from monitor.domain.hindsight.comparison import Comparison, quietest
from monitor.domain.hindsight.neighbours import Neighbour
from monitor.domain.hindsight.replayed_alerts import Found
from monitor.domain.times import SECOND
from tests.unit.domain.alerts.test_alert_engine import CPU

HOUR = 3600 * SECOND
NOW = 100 * HOUR


def found(*spans: tuple[float, float], already: tuple[float, float] | None = None, heard: int | None = None) -> Found:
    """Alerts by (fired, ended) in hours. *heard*: how often people are notified; None: of each."""
    fired, ended = (array("q", [round(span[end] * HOUR) for span in spans]) for end in (0, 1))
    before = None if already is None else (round(already[0] * HOUR), round(already[1] * HOUR))
    messages = len(spans) + (before is not None) if heard is None else heard
    return Found(ends=NOW, fired=fired, ended=ended, already=before, total=len(spans), messages=messages)


def compared(own: Found, other: Found, steps: int = 1) -> Comparison:
    comparison = Comparison(neighbour=Neighbour(CPU, steps))
    comparison.add(own, other)
    return comparison


def test_a_long_alert_is_lost_if_nothing_overlaps_it() -> None:
    own = found((1, 1.5), (2, 4), (5, 6), (7, 9))
    assert compared(own, found((3, 3.1))).long_lost == 1
    assert compared(own, found((3, 3.1), (9, 10))).long_lost == 0
    assert compared(own, found()).long_lost == 2


def test_one_that_still_fires_has_lasted_until_now() -> None:
    assert [compared(found((since, 100)), found()).long_lost for since in (98.9, 99)] == [1, 0]


def test_one_that_fires_when_the_window_begins_counts_if_it_lasts() -> None:
    for until, lost in ((0.5, 0), (1.5, 1), (100, 1)):
        assert compared(found(already=(0, until)), found()).long_lost == lost
    assert compared(found(already=(0, 2)), found((1, 1.1))).long_lost == 0
    assert compared(found((1, 3)), found(already=(0, 2))).long_lost == 0


def test_the_median_delay_is_that_of_the_long_ones_that_it_keeps() -> None:
    own = found((0, 0.1), (1, 3), (10, 12), (20, 22), (30, 32))
    assert compared(own, found((0.05, 0.1), (1.5, 3), (9, 12), (20.25, 22))).median_delay == 900
    assert compared(found((0, 0.1)), found((0, 0.1))).median_delay is None
    assert compared(own, own).median_delay == 0


def test_the_quietest_loses_no_long_one_and_of_equals_the_nearest_is_taken() -> None:
    own = found((1, 1.1), (2, 4), (5, 5.1))
    losing, far, near = found((5, 5.1)), found((2, 4)), found((3, 4))
    rows = [compared(own, own, 0), compared(own, losing), compared(own, far, 3), compared(own, near, 2)]
    assert quietest(rows) == 3
    assert quietest(rows[:2]) == 0
    assert quietest([compared(own, own, 0), compared(own, own, 1)]) == 0


def test_the_quietest_has_the_fewest_messages_not_alerts() -> None:
    own, fewer_alerts = found((1, 1.1), (2, 4), (5, 5.1), heard=2), found((1, 1.1), (2, 4.5), heard=3)
    rows = [compared(own, own, 0), compared(own, fewer_alerts, 1)]
    assert quietest(rows) == 0
    assert [row.messages for row in rows] == [2, 3]


def test_what_fires_when_the_window_begins_counts_for_both_and_nothing_is_heard_before_it_fires() -> None:
    own, earlier = found((1, 3)), found(already=(0, 3))
    rows = [compared(own, own, 0), compared(own, earlier, 1)]
    assert [(row.messages, row.median_delay) for row in rows] == [(1, 0), (1, 0)]
    assert quietest(rows) == 0


def test_servers_add_up() -> None:
    comparison = Comparison(neighbour=Neighbour(CPU, 1))
    for own, other in ((found((1, 3)), found((2, 3))), (found((1, 3)), found()), (found(), found((1, 2), (3, 4)))):
        comparison.add(own, other)
    assert (comparison.total, comparison.long_lost, comparison.median_delay) == (3, 1, 3600)
