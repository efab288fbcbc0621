"""Pages of a past wait while they would live: for the end of a silence, and for a host that is offline."""

from collections.abc import Sequence
from datetime import timedelta

import pytest

from monitor.domain.accounts.actors import UserId
from monitor.domain.alerts.offline import OfflinePeriod
from monitor.domain.alerts.quiet import MINUTE
from monitor.domain.configuration.paging import Notified
from monitor.domain.fleet.servers import ServerId
from monitor.domain.hindsight.replayed_alerts import ReplayedAlert
from monitor.domain.levels import Level
from monitor.domain.notifications.outbox import Target
from monitor.domain.policies.comparing import Change, Event
from monitor.domain.policies.policies import Scope
from monitor.domain.policies.silences import Silence
from monitor.domain.times import moment

BOB = Target(user_id=UserId(1))
LEVEL = Level.WARNING


def alert(begun: int, ended: int | None) -> ReplayedAlert:
    events = [Event(Change.FIRED, LEVEL, begun * MINUTE, 0.0)]
    events += [] if ended is None else [Event(Change.RESOLVED, LEVEL, ended * MINUTE, 0.0)]
    return ReplayedAlert(
        server_id=ServerId(1),
        level=LEVEL,
        fired_at=begun * MINUTE,
        ended_at=None if ended is None else ended * MINUTE,
        value=0.0,
        events=tuple(events),
    )


def silence(begun: int, ended: int) -> Silence:
    begin, end = moment(begun * MINUTE), moment(ended * MINUTE)
    return Silence(scope=Scope(), starts_at=begin, ends_at=end, reason="", created_at=begin)


@pytest.mark.parametrize(
    ("ended", "silences", "back_at", "is_paged"),
    [
        (90, [], None, True),
        (None, [], 1000, False),  # still offline
        (None, [], 200, True),
        (200, [], 200, True),  # ended by the report that shows it is back
        (210, [silence(190, 300)], 200, False),
        (310, [silence(190, 300)], 200, True),
        (310, [silence(70, 80)], 200, True),
    ],
)
def test_a_third_alert_falls_due_when_its_host_is_back_and_no_silence_acts(
    ended: int | None, silences: Sequence[Silence], back_at: int | None, is_paged: bool
) -> None:
    """It fires at minute 60, and would fall due at minute 75."""
    offline = [] if back_at is None else [OfflinePeriod(70 * MINUTE, 72 * MINUTE, back_at * MINUTE)]
    wait = timedelta(seconds=30)
    notified = Notified(lambda _: [BOB], silences, moment(1000 * MINUTE), wait, offline=offline)
    third = alert(60, ended)
    pages = notified.pages([alert(0, 5), alert(30, 35), third])
    assert [page.episode for page in pages][2:] == ([third] if is_paged else [])
