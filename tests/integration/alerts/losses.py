"""What was acknowledged, or had to be announced, and what of it is missing or there twice.

It is read from the tables and the mailbox, not asked of the product. *rows*: run a statement on the database.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from tests.integration.alerts.mail_server import Mail

Key = tuple[int, str]
"""A server, and the time of a sample as it was sent."""
Rows = Callable[[str], Sequence[Any]]

_SAMPLES = "SELECT server_id, CAST(recorded_at AS CHAR) FROM monitor_data WHERE recorded_at >= '{since}'"
_OFFLINE = "SELECT count(*) FROM alerts WHERE metric = 'offline' AND fired_at BETWEEN '{since}' AND '{until}'"
_EVENTS = """
    SELECT t.id FROM alert_timeline t JOIN alerts a ON a.id = t.alert_id
    WHERE t.event_kind IN ('fired', 'escalated', 'resolved') AND a.late = 0 AND a.metric <> 'offline'
    AND t.at BETWEEN '{since}' AND '{until}'
"""
_NOTICES = "SELECT event_id, address, message_id FROM notifications WHERE delivery = 'sent'"
EVER = "0001-01-01", "9999-12-31"
"""All times, as *since* and *until*."""


def stored_samples(rows: Rows, since: str) -> Counter[Key]:
    """Return how often each sample since then is among the raw ones."""
    return Counter((int(server), str(at)) for server, at in rows(_SAMPLES.format(since=since)))


def offline_alerts(rows: Rows, since: str, until: str = EVER[1]) -> int:
    return int(rows(_OFFLINE.format(since=since, until=until))[0][0])


def unmailed(rows: Rows, mails: Iterable[Mail], recipients: int, since: str, until: str) -> tuple[int, int]:
    """Return the events of that time, and how many mails about them are missing, of *recipients* for each."""
    arrived = {(mail.recipient, mail.id) for mail in mails}
    reached = Counter(event for event, address, message in rows(_NOTICES) if (address, message) in arrived)
    events = [event for (event,) in rows(_EVENTS.format(since=since, until=until))]
    return len(events), sum(max(0, recipients - reached[event]) for event in events)


def doubled_mails(mails: Iterable[Mail]) -> int:
    return sum(n - 1 for n in Counter((mail.recipient, mail.id) for mail in mails).values())
