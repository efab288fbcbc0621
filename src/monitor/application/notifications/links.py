"""The link in a message that opens its alert without a log-in, and acknowledges it: for one person, for some days."""

import hashlib
import hmac
import re
from datetime import timedelta

from monitor.domain.errors import NotFound
from monitor.domain.notifications.outbox import Notification, NotificationId

LASTS = timedelta(days=7)
"""Since the notification was created."""
_TOKEN = re.compile(r"([1-9]\d{0,9})-[0-9a-f]{64}", re.ASCII)


def ack_token(secret: str, notification: Notification) -> str:
    """Return "<notification id>-<mac>": the same each time the notification is sent.

    The alert, the person and the time are signed too: after a database was restored, ids may come again.
    """
    n = notification
    text = f"acknowledge:{n.id}:{n.alert_id}:{n.target.user_id}:{n.created_at.isoformat()}"
    return f"{n.id}-{hmac.new(secret.encode(), text.encode(), hashlib.sha256).hexdigest()}"


def id_in(token: str) -> NotificationId:
    """Return which notification *token* names. Raises NotFound if it is none of ours."""
    found = _TOKEN.fullmatch(token)
    if found is None:
        raise NotFound
    return NotificationId(int(found[1]))


def is_genuine(secret: str, token: str, notification: Notification) -> bool:
    return hmac.compare_digest(ack_token(secret, notification).encode(), token.encode())
