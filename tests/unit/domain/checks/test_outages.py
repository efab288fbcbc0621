"""Notes say why a check-in is down, and are read again."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.domain.checks.check_ins import CheckIn, Ping, PingKind
from monitor.domain.checks.missing import MAX_SAID, Outage, outage_of
from tests.contracts.builders import AT

JULY = datetime(2026, 7, 1, 0, 0, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("due_at", "note"),
    [
        (JULY, "expected at 2026-07-01 02:00:30 (Europe/Berlin)"),
        (JULY.replace(second=0), "expected at 2026-07-01 02:00 (Europe/Berlin)"),
        (JULY.replace(second=0, month=1), "expected at 2026-01-01 01:00 (Europe/Berlin)"),
    ],
)
def test_a_missed_one_was_expected_by_its_own_clock(due_at: datetime, note: str) -> None:
    check_in = CheckIn(
        name="a", schedule="0 2 * * *", timezone="Europe/Berlin", grace=1.0, created_at=AT, due_at=due_at
    )
    assert Outage.missed(check_in).note == note
    assert outage_of(note) == Outage.missed(check_in)


@pytest.mark.parametrize(
    ("status", "body", "note"),
    [
        (3, b"boom\r\n\n  at line 2\n", "reported failure, exit status 3: boom / at line 2"),
        (None, b"", "reported failure"),
        (None, b"\x00\xff\x1b[31mred\xe2\x80\xae", "reported failure: \ufffd [31mred"),
        (255, b"x" * 10_000, "reported failure, exit status 255: " + "x" * (MAX_SAID - 1) + "…"),
    ],
)
def test_a_failure_has_its_first_lines(status: int | None, body: bytes, note: str) -> None:
    found = Outage.failed(Ping(at=AT, kind=PingKind.FAIL, address="", status=status, body=body))
    assert found.note == note
    assert outage_of(note) == found


def test_other_notes_are_no_outage() -> None:
    for note in ("", "on it", "expected at lunch (Europe/Berlin)", "he reported failure"):
        assert outage_of(note) is None


@given(st.none() | st.integers(1, 255), st.binary(max_size=200))
def test_what_a_note_says_is_read_again(status: int | None, body: bytes) -> None:
    found = Outage.failed(Ping(at=AT, kind=PingKind.FAIL, address="", status=status, body=body))
    assert outage_of(found.note) == found
    assert found.said.isprintable()
    assert outage_of(Outage(expected="2026-07-01 02:00", zone="UTC").note) is not None
