"""What a database and a mailbox say after it is all over."""

import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Engine, text

from monitor.adapters.notify.wording.digest import MOST_LISTED
from monitor.adapters.persistence.engine.engine import create_engine
from monitor.application.transactions import retried
from tests.integration.alerts.mail_server import Mail
from tests.integration.cli.running import wait_for

_LINK = re.compile(r"/alerts/(\d+)\b")

_STATES_WITHOUT_THEIR_ALERT = """
    SELECT s.server_id, s.metric FROM alert_states s LEFT JOIN alerts a ON a.id = s.alert_id
    WHERE s.level <> 'ok' AND (a.id IS NULL OR a.state <> 'firing' OR a.level <> s.level)
"""
_FIRING_WITHOUT_A_STATE = """
    SELECT a.id FROM alerts a LEFT JOIN alert_states s ON s.alert_id = a.id
    WHERE a.state = 'firing' AND s.alert_id IS NULL
"""
_ALERTS_WITHOUT_THEIR_EVENT = """
    SELECT a.id, a.state,
        (SELECT count(*) FROM alert_timeline t WHERE t.alert_id = a.id AND t.event_kind = 'fired') AS fired,
        (SELECT count(*) FROM alert_timeline t WHERE t.alert_id = a.id AND t.event_kind = 'resolved') AS resolved
    FROM alerts a
"""
_ROWS_OF_EVENTS = """
    SELECT t.id, t.alert_id, t.event_kind, (SELECT count(*) FROM notifications n WHERE n.event_id = t.id) AS row_count,
        a.server_id
    FROM alert_timeline t JOIN alerts a ON a.id = t.alert_id
    WHERE t.event_kind IN ('fired', 'escalated', 'resolved') AND a.late = 0
"""
_STEPS = """
    SELECT t.alert_id, t.event_kind, t.note, a.state, a.server_id,
        (SELECT count(*) FROM notifications n WHERE n.event_id = t.id) AS row_count
    FROM alert_timeline t JOIN alerts a ON a.id = t.alert_id
    WHERE t.event_kind IN ('fired', 'escalated', 'step') AND a.late = 0 ORDER BY t.id
"""
_SENT_TWICE = """
    SELECT event_id, target, count(*) FROM notifications WHERE event_id IS NOT NULL GROUP BY event_id, target
    HAVING count(*) > 1
"""


@contextmanager
def evidence(url: str) -> Iterator["Evidence"]:
    engine = create_engine(url)
    try:
        yield Evidence(engine)
    finally:
        engine.dispose()


class Evidence:
    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def rows(self, statement: str, **values: Any) -> list[Any]:
        with self._engine.connect() as connection:
            return list(connection.execute(text(statement), values))

    def number(self, statement: str, **values: Any) -> int:
        return int(self.rows(statement, **values)[0][0])

    @retried
    def change(self, statement: str, **values: Any) -> None:
        """Change rows while processes write them too."""
        with self._engine.begin() as connection:
            connection.execute(text(statement), values)

    @property
    def waiting(self) -> int:
        """Of the outbox."""
        return self.number("SELECT count(*) FROM notifications WHERE delivery IN ('pending', 'held')")

    def wait_until_all_is_sent(self) -> None:
        """Wait for an empty outbox. Raises AssertionError with what it still holds."""
        wait_for(lambda: self.waiting == 0, self._left)

    def _left(self) -> str:
        left = self.rows(
            "SELECT id, delivery, event_kind, target, attempts, created_at, not_before, leased_until, holder, reason,"
            " last_error FROM notifications WHERE delivery IN ('pending', 'held') ORDER BY id LIMIT 20"
        )
        return "\n".join(["an empty outbox, not", *(str(tuple(row)) for row in left)])

    def end_leases(self) -> None:
        """End all leases of notifications, as if their time had passed."""
        self.change("UPDATE notifications SET leased_until = NULL WHERE leased_until IS NOT NULL")

    def end_leases_of_jobs(self) -> None:
        """End those of what one process does for all, such as maintenance."""
        self.change("UPDATE leases SET expires_at = '2000-01-01 00:00:00.000000'")

    def check_whole(self, *, recipients: int, called: Collection[int] = ()) -> None:
        """No alert state without its event, and no event to announce without a row for each recipient; but for the
        servers that an escalation calls people for, see `check_steps`."""
        assert [] == self.rows(_STATES_WITHOUT_THEIR_ALERT)
        assert [] == self.rows(_FIRING_WITHOUT_A_STATE)
        alerts = self.rows(_ALERTS_WITHOUT_THEIR_EVENT)
        assert [] == [tuple(a) for a in alerts if (a.fired, a.resolved) != (1, int(a.state == "resolved"))]
        events = self.rows(_ROWS_OF_EVENTS)
        assert [] == [
            tuple(event) for event in events if event.server_id not in called and event.row_count != recipients
        ]
        assert 0 == self.number("SELECT count(*) FROM alerts WHERE due_at IS NOT NULL")

    def wait_until_steps_have_run(self) -> None:
        wait_for(lambda: self.number("SELECT count(*) FROM pagings") == 0, "all steps to run")

    def check_steps(self, called: Collection[int], *, first: int, later: int) -> int:
        """Each step of an escalation of two ran once since its alert began to notify: *first* recipients are notified
        of the beginning, and *later* ones of the step. No recipient has two rows of one event. Return how many ran."""
        begun: dict[int, list[tuple[str, int]]] = {}
        firing, ran = set[int](), 0
        for row in (row for row in self.rows(_STEPS) if row.server_id in called):
            if row.event_kind == "step":
                begun[row.alert_id].append((row.note, row.row_count))
                ran += 1
            else:
                assert first == row.row_count, tuple(row)
                begun[row.alert_id] = []
            assert begun[row.alert_id] in ([], [("step 2 of ops", later)])
            firing |= {row.alert_id} if row.state == "firing" else set()
        assert [] == [alert_id for alert_id in firing if not begun[alert_id]], "a step that never ran"
        assert [] == self.rows(_SENT_TWICE)
        return ran

    def check_notified(self, mails: Iterable[Mail]) -> None:
        """Each row of the outbox was sent to its recipient, and repeated mails are equal.

        But a step is dropped if its alert ended first. So is the end of that alert, if the recipient got nothing else.
        """
        by_id = {(mail.recipient, mail.id): mail for mail in mails}
        of_all = self.rows(
            "SELECT alert_id, target, address, message_id, delivery, event_kind, reason FROM notifications"
        )
        rows = [row for row in of_all if row.delivery == "sent"]
        left_out = [row for row in of_all if row.delivery != "sent"]
        assert {(row.delivery, row.reason) for row in left_out} <= {("dropped", "ok")}
        ended = {row.alert_id for row in of_all if row.event_kind == "resolved"}
        known = {(row.alert_id, row.target) for row in rows if row.event_kind != "resolved"}
        unknown = {(row.alert_id, row.target) for row in left_out if row.event_kind == "step"} - known
        late_steps = [row for row in left_out if row.event_kind == "step" and row.alert_id in ended]
        ends = [row for row in left_out if row.event_kind == "resolved" and (row.alert_id, row.target) in unknown]
        assert len(left_out) == len(late_steps) + len(ends), [tuple(row) for row in left_out]
        # If one event came in two different mails, one would be unknown here, or contain too much.
        assert {(row.address, row.message_id) for row in rows} == set(by_id)
        expected = Counter((row.address, row.message_id, row.alert_id) for row in rows)
        sent = Counter(
            (recipient, message_id, int(alert_id))
            for (recipient, message_id), mail in by_id.items()
            for alert_id in _LINK.findall(mail.text)
        )
        counts = Counter((recipient, message_id) for recipient, message_id, _ in expected.elements())
        long = {message for message, count in counts.items() if count > MOST_LISTED}
        assert {} == {key: n for key, n in (expected - sent).items() if key[:2] not in long}
        assert Counter() == sent - expected

    def check_samples(self, acknowledged: set[tuple[int, str]], sent: dict[tuple[int, str], float]) -> None:
        rows = self.rows("SELECT server_id, recorded_at, cpu_value FROM monitor_data")
        times = Counter((row.server_id, _written(row.recorded_at)) for row in rows)
        assert [] == [key for key, copies in times.items() if copies > 1]
        assert set() == acknowledged - times.keys()
        cpu = {(row.server_id, _written(row.recorded_at)): float(row.cpu_value) for row in rows}
        assert {} == {key: value for key, value in cpu.items() if sent.get(key) != value}


def _written(moment: Any) -> str:
    """As the agents wrote it: SQLite gives a text, MariaDB a moment."""
    found = str(moment)
    return found if "." in found else f"{found}.000000"
