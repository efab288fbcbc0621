"""The smallest edit that halves a policy's notifications, and the verdicts that a policy keeps."""

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from monitor.domain.alerts.alert import Verdict
from monitor.domain.fleet.servers import ServerId
from monitor.domain.hindsight.comparison import Judged, VerdictCounts, counted
from monitor.domain.hindsight.replayed_alerts import Span
from monitor.domain.hindsight.suggestions import Better, Tried, better, suggested
from monitor.domain.policies.policies import Policy
from monitor.domain.times import SECOND

POLICY = Policy(metric="cpu", warning=70, critical=85)
WEB, DB = ServerId(1), ServerId(2)


def tried(policy: Policy, fired: list[Span], heard: list[int] | None = None) -> Tried:
    """*heard*: in seconds; None: of each as it fires. Bob alone is notified."""
    times = [span.fired_at for span in fired] if heard is None else [at * SECOND for at in heard]
    return Tried(policy, fired, times, len(times), {"bob": len(times)})


def spans(*starts: int, lasts: int = 10) -> list[Span]:
    return [Span(start * SECOND, (start + lasts) * SECOND) for start in starts]


def test_the_smallest_edit_that_halves_is_suggested_with_what_it_costs() -> None:
    own = tried(POLICY, spans(0, 100, 200, 300))
    far = tried(Policy(metric="cpu", warning=80, critical=95), spans(305))
    near = tried(Policy(metric="cpu", warning=73, critical=88), spans(104, 302))
    too_little = tried(Policy(metric="cpu", warning=71, critical=86), spans(0, 100, 302))
    found = suggested(own, [far, too_little, near], spans(200, 300), 4)
    assert found is not None
    assert {"warning": 73, "critical": 88} == found.change
    assert (2, 1, 4.0) == (found.removed, found.useful_lost, found.added_delay)
    assert {"bob": (4, 2)} == found.people


def test_messages_are_counted_not_alerts_and_what_is_held_is_heard_late() -> None:
    """Half of the alerts are no suggestion if people hear as often. With the other they hear of one a day late."""
    own = tried(POLICY, spans(0, 100, 200, 300), heard=[0, 100])
    fewer = tried(Policy(metric="cpu", warning=71, critical=86), spans(0, 100))
    longer = tried(Policy(metric="cpu", warning=80, critical=95), spans(100, 86_500, 90_000), heard=[86_500])
    found = suggested(own, [fewer, longer], [], 2)
    assert found is not None
    assert ({"warning": 80, "critical": 95}, 1, 86_400.0) == (found.change, found.removed, found.added_delay)


def test_an_edit_of_one_alert_pages_earlier_with_no_more_or_pages_less() -> None:
    at = Span(200 * SECOND, 300 * SECOND)
    own = tried(POLICY, spans(100, 205))
    near = Policy(metric="cpu", warning=69, critical=84)
    far = Policy(metric="cpu", warning=65, critical=80)
    higher = Policy(metric="cpu", warning=73, critical=88)
    noisy = tried(near, spans(50, 100, 202))
    lost = tried(near, spans(100))
    assert better(own, [noisy, lost, tried(near, spans(100, 205))], at) is None
    earlier, fewer = tried(far, spans(100, 201)), tried(higher, spans(208))
    assert better(own, [noisy, earlier], at) == Better({"warning": 65, "critical": 80}, 4.0, (2, 2))
    assert better(own, [earlier, fewer], at) == Better({"warning": 73, "critical": 88}, -3.0, (2, 1))


def test_a_longer_time_is_a_small_edit_too() -> None:
    own = tried(POLICY, spans(0, 100))
    longer = tried(Policy(metric="cpu", warning=70, critical=85, sustained_for=timedelta(minutes=6)), spans(3))
    higher = tried(Policy(metric="cpu", warning=90, critical=95), spans(3))
    found = suggested(own, [higher, longer], [], 2)
    assert found is not None
    assert {"sustained_for": 360.0} == found.change


def test_nothing_halves_nothing() -> None:
    assert suggested(tried(POLICY, []), [tried(POLICY, [])], [], 2) is None
    assert suggested(tried(POLICY, spans(0, 100)), [tried(POLICY, spans(0, 100))], [], 2) is None


NUMBERS = st.integers(0, 40)


@given(replayed=NUMBERS, edited=NUMBERS, pages=st.integers(2, 40))
def test_what_is_removed_is_at_least_half_of_what_there_was(replayed: int, edited: int, pages: int) -> None:
    """Also where people came since, so that a replay has more, or the policy was edited, so that it has fewer."""
    own = Tried(POLICY, (), pages=replayed)
    found = suggested(own, [Tried(Policy(metric="cpu", warning=71, critical=86), (), pages=edited)], [], pages)
    halves = 2 * edited <= replayed and 2 * (replayed - edited) >= pages
    assert halves is (found is not None)
    if found is not None:
        assert pages / 2 <= found.removed <= min(pages, replayed)
        assert abs(found.removed - (replayed - edited) * min(pages / replayed, 1)) < 1


def test_verdicts_are_counted_by_what_fires_during_them() -> None:
    """Of the same server; one that still fires has no end."""
    judged = [
        Judged(WEB, Verdict.USEFUL, Span(0, 10)),
        Judged(WEB, Verdict.USEFUL, Span(20, None)),
        Judged(WEB, Verdict.USEFUL, Span(11, 12)),
        Judged(DB, Verdict.NOISE, Span(0, 10)),
        Judged(WEB, Verdict.NOISE, Span(5, 6)),
    ]
    assert VerdictCounts(2, 1, 1, 1) == counted(judged, {WEB: [Span(0, 10), Span(30, 31)]})
