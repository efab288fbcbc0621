"""Silences, delivery, and what webhooks sign."""

from mutants.mutant import Mutant, Mutants

_SILENCES, _SILENCING = "domain/policies/silences.py", "domain/policies/silencing.py"
_RECURRENCE = "domain/recurrence.py"
_DELIVERY, _OUTBOX = "application/notifications/delivery.py", "domain/notifications/outbox.py"
_RETRIES, _RECIPIENTS = "domain/notifications/outbox.py", "application/notifications/recipients.py"
_NOTIFICATIONS = "unit/domain/notifications/test_notifications.py"
_SQL = "integration/persistence/test_contracts.py::TestSql"

MUTANTS: Mutants = {
    "silences": [
        Mutant(
            "they include their end",
            _SILENCES,
            "inside = self.starts_at <= at.astimezone(UTC) < self.ends_at",
            "inside = self.starts_at <= at.astimezone(UTC) <= self.ends_at",
            "unit/domain/policies/test_silences.py",
        ),
        Mutant(
            "a window over midnight ends at midnight",
            _RECURRENCE,
            "at.astimezone(ZoneInfo(self.zone)).date() - _DAY",
            "at.astimezone(ZoneInfo(self.zone)).date()",
            "unit/domain/policies/test_silences.py",
        ),
        Mutant(
            "clocks that go back interrupt one",
            _RECURRENCE,
            "instant(begin + self.lasts, zone, fold=1)",
            "instant(begin + self.lasts, zone, fold=0)",
            "unit/domain/policies/test_silences.py",
        ),
        Mutant(
            "one of a metric silences all",
            _SILENCING,
            "any(None in group.metrics or metric in group.metrics for",
            "any(group.metrics for",
            "unit/domain/policies/test_silencing.py",
        ),
        Mutant(
            "one of a host leaves out its checks",
            _SILENCING,
            "_NONE) for server_id in server.own_ids]",
            "_NONE) for server_id in server.own_ids[:1]]",
            "unit/domain/policies/test_silencing.py",
        ),
        Mutant(
            "one that is ended is forgotten",
            "application/policies/silences.py",
            "uow.silences.end(silence_id, now)",
            "uow.silences.delete(silence_id)",
            "unit/application/alerts/test_ended_silences.py",
        ),
        Mutant(
            "one that begins is not noticed",
            _SILENCING,
            "until=min((span.end if span.begin <= now else span.begin for span in spans), default=_NEVER)",
            "until=min((span.end for span in spans), default=_NEVER)",
            "unit/domain/policies/test_silencing.py",
        ),
    ],
    "links": [
        Mutant(
            "a token that nobody signed",
            "application/notifications/links.py",
            "return hmac.compare_digest(ack_token(secret, notification).encode(), token.encode())",
            "return True",
            "unit/application/notifications/test_links.py",
        ),
        Mutant(
            "they last for ever",
            "application/alerts/links.py",
            "if self.clock.now() >= expires_at:",
            "if self.clock.now() < n.created_at:",
            "integration/http/alerts/test_ack_page.py",
        ),
    ],
    "delivery": [
        Mutant(
            "it gives up early",
            _RETRIES,
            "if min(failed_at - created_at, tried_for) >= GIVE_UP_AFTER:",
            "if max(failed_at - created_at, tried_for) >= GIVE_UP_AFTER:",
            _NOTIFICATIONS,
        ),
        Mutant(
            "an end without a beginning",
            _OUTBOX,
            "if not (was_notified or notified_now):",
            "if is_open:",
            _NOTIFICATIONS,
        ),
        Mutant(
            "a silence loses what still fires",
            _OUTBOX,
            "Decision.HOLD if is_open else Decision.DROP, held_by)\n            return SEND",
            "Decision.DROP, held_by)\n            return SEND",
            _NOTIFICATIONS,
        ),
        Mutant(
            "reminders of acknowledged alerts",
            _OUTBOX,
            "if is_acknowledged:\n                return Decided(Decision.DROP, Reason.ACKNOWLEDGED)",
            "if is_acknowledged:\n                return SEND",
            _NOTIFICATIONS,
        ),
        Mutant(
            "it goes on after its lease",
            _DELIVERY,
            "if self.clock.now() - begun >= LEASE / 2:",
            "if self.clock.now() - begun >= LEASE * 2:",
            "unit/application/notifications/test_send_lease.py",
        ),
        Mutant(
            "a process that was found dead sends too",
            _DELIVERY,
            "if uow.notifications.are_lost(delivery, self.holder):",
            "if uow.notifications.are_lost((), self.holder):",
            "unit/application/operations/test_dead_processes.py",
        ),
        Mutant(
            "what a dead process began is another message",
            _DELIVERY,
            "fresh = [n for n in claimed if not n.message_id]",
            "fresh, claimed = [*claimed], [n for n in claimed if not n.message_id]",
            "unit/application/operations/test_dead_processes.py unit/application/notifications/test_dispatcher.py",
        ),
        Mutant(
            "an outage is two messages on a slow machine",
            _DELIVERY,
            "self.fleet.is_searching and all(",
            "False and all(",
            "unit/application/alerts/test_many_alerts.py",
        ),
        Mutant(
            "an outage notifies of the first host alone",
            "adapters/persistence/notifications/adding.py",
            "target.c.target != of_first",
            "target.c.target == of_first",
            f"{_SQL}::TestNotifications::test_targets_get_each_of_several_events_once[sqlite-alike]",
        ),
        Mutant(
            "two processes claim one target",
            "adapters/persistence/notifications/outbox.py",
            ".having(first <= now, leased.is_(None) | (leased <= now))",
            ".having(first <= now)",
            f"{_SQL}::TestClaims::test_a_claim_is_exclusive_until_its_lease_ends[sqlite]",
        ),
        Mutant(
            "one mailbox gets two mails",
            _RECIPIENTS,
            "(Reason.NO_ADDRESS if channel.mailbox in mailboxes else None)",
            "None",
            "unit/application/notifications/test_same_destination.py",
        ),
    ],
    "webhooks": [
        Mutant(
            "the time is not signed",
            "adapters/notify/webhook/channel.py",
            'mac = hmac.new(key, timestamp.encode() + b"." + body, hashlib.sha256)',
            "mac = hmac.new(key, body, hashlib.sha256)",
            "integration/notify/test_webhook.py",
        ),
    ],
}
