"""Tokens of links: one for each notification and person, which nobody else can make."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.application.notifications.links import ack_token, id_in, is_genuine
from monitor.domain.accounts.actors import UserId
from monitor.domain.alerts.alert import AlertId, EventKind
from monitor.domain.errors import NotFound
from monitor.domain.fleet.servers import ServerId
from monitor.domain.levels import Level
from monitor.domain.notifications.outbox import Notification, NotificationId, Target
from monitor.domain.oncall.ways import WayId
from tests.unit.adapters.notify.messages import NOON

SECRET = "a secret that signs links"
ONE = Notification(
    alert_id=AlertId(3),
    event_id=None,
    event_kind=EventKind.FIRED,
    target=Target(user_id=UserId(5)),
    server_id=ServerId(1),
    server_name="web-1",
    ip_address="192.0.2.1",
    metric="cpu",
    level=Level.WARNING,
    value=81.0,
    created_at=NOON,
    not_before=NOON,
    id=NotificationId(17),
)
OTHERS = {
    "another notification": replace(ONE, id=NotificationId(18)),
    "another alert": replace(ONE, alert_id=AlertId(4)),
    "a deleted alert": replace(ONE, alert_id=None),
    "another person": replace(ONE, target=Target(user_id=UserId(6))),
    "the same ids, after a database was restored": replace(ONE, created_at=NOON + timedelta(days=1)),
}


def test_a_token_names_its_notification():
    token = ack_token(SECRET, ONE)
    assert 17 == id_in(token)
    assert is_genuine(SECRET, token, ONE)
    assert token.replace("-", "").isalnum(), "Markdown would read other signs"


def test_it_stays_the_same_while_it_is_sent_again():
    later = replace(ONE.failed(NOON, "421 later", for_good=False), level=Level.CRITICAL, note="x")
    assert ack_token(SECRET, ONE) == ack_token(SECRET, later)
    way = replace(ONE, target=Target(user_id=UserId(5), way_id=WayId(2)))
    assert ack_token(SECRET, ONE) == ack_token(SECRET, way), "the way may be deleted"


@pytest.mark.parametrize("other", OTHERS.values(), ids=OTHERS.keys())
def test_it_opens_nothing_else(other: Notification):
    assert not is_genuine(SECRET, ack_token(SECRET, ONE), other)
    assert not is_genuine("another secret", ack_token(SECRET, ONE), ONE)


@given(st.text(max_size=80) | st.builds("{}-{:064x}".format, st.integers(0, 10**12), st.integers(0, 2**256 - 1)))
def test_any_other_text_is_none_or_not_genuine(text: str):
    try:
        id_in(text)
    except NotFound:
        return
    assert not is_genuine(SECRET, text, ONE)
