"""The smallest edit that halves a policy's alerts, and the verdicts that a policy keeps."""

from datetime import timedelta

from monitor.domain.alerts.alert import Verdict
from monitor.domain.alerts.policies import Policy
from monitor.domain.alerts.suggestions import suggested
from monitor.domain.alerts.verdicts import Judged, Span, VerdictCounts, counted
from monitor.domain.fleet.servers import ServerId
from monitor.domain.times import SECOND

POLICY = Policy(metric="cpu", warning=70, critical=85)
WEB, DB = ServerId(1), ServerId(2)


def spans(*starts: int, lasts: int = 10) -> list[Span]:
    return [Span(start * SECOND, (start + lasts) * SECOND) for start in starts]


def test_the_smallest_edit_that_halves_is_suggested_with_what_it_costs() -> None:
    own = POLICY, spans(0, 100, 200, 300)
    far = Policy(metric="cpu", warning=80, critical=95), spans(305)
    near = Policy(metric="cpu", warning=73, critical=88), spans(104, 302)
    too_little = Policy(metric="cpu", warning=71, critical=86), spans(0, 100, 302)
    found = suggested(own, [far, too_little, near], spans(200, 300))
    assert found is not None
    assert {"warning": 73, "critical": 88} == found.change
    assert (2, 1, 4.0) == (found.removed, found.useful_lost, found.added_delay)


def test_a_longer_time_is_a_small_edit_too() -> None:
    own = POLICY, spans(0, 100)
    longer = Policy(metric="cpu", warning=70, critical=85, sustained_for=timedelta(minutes=6)), spans(3)
    higher = Policy(metric="cpu", warning=90, critical=95), spans(3)
    found = suggested(own, [higher, longer], [])
    assert found is not None
    assert {"sustained_for": 360.0} == found.change


def test_nothing_halves_nothing() -> None:
    assert suggested((POLICY, []), [(POLICY, [])], []) is None
    assert suggested((POLICY, spans(0, 100)), [(POLICY, spans(0, 100))], []) is None


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
