"""How a recipient reads an event: as the first message about an alert, or as one more."""

from collections.abc import Sequence

import pytest

from monitor.application.notifications.messages import as_received
from monitor.domain.accounts.actors import UserId
from monitor.domain.alerts.alert import AlertId, EventKind
from monitor.domain.fleet.servers import ServerId
from monitor.domain.levels import Level
from monitor.domain.notifications.outbox import Notification, Target
from tests.unit.adapters.notify.messages import NOON

FIRED, STEP, REMINDED, DUE, ESCALATED, RESOLVED = (
    EventKind.FIRED,
    EventKind.STEP,
    EventKind.REMINDED,
    EventKind.DUE,
    EventKind.ESCALATED,
    EventKind.RESOLVED,
)


def of(event_kind: EventKind) -> Notification:
    return Notification(
        alert_id=AlertId(1),
        event_id=None,
        event_kind=event_kind,
        target=Target(user_id=UserId(1)),
        server_id=ServerId(1),
        server_name="web",
        ip_address="192.0.2.1",
        metric="cpu",
        level=Level.CRITICAL,
        value=90.0,
        created_at=NOON,
        not_before=NOON,
    )


@pytest.mark.parametrize(
    ("is_known", "written", "read"),
    [
        (False, [FIRED], [FIRED]),
        (False, [STEP], [DUE]),
        (True, [STEP], [REMINDED]),
        (False, [STEP, STEP], [DUE, REMINDED]),
        (False, [FIRED, STEP], [FIRED, REMINDED]),
        (False, [REMINDED], [DUE]),
        (True, [REMINDED, RESOLVED], [REMINDED, RESOLVED]),
        (True, [DUE], [ESCALATED]),
    ],
)
def test_a_step_is_the_first_message_to_whom_nothing_was_sent(
    is_known: bool, written: Sequence[EventKind], read: Sequence[EventKind]
) -> None:
    """To others it reminds."""
    received = as_received([of(kind) for kind in written], {AlertId(1)} if is_known else set())
    assert read == [n.event_kind for n in received]
