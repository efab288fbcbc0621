from datetime import timedelta

import pytest

from monitor.domain.accounts.actors import UserId
from monitor.domain.accounts.sessions import REFRESH_TTL, SESSION_TTL, Refresh, token_digest
from tests.contracts.builders import AT, MICROSECOND, SECOND, a_session

OLD, NEW = token_digest("old"), token_digest("new")


@pytest.fixture
def session():
    """A session whose token was rotated at AT."""
    first = a_session(UserId(1), token_digest=OLD, created_at=AT - timedelta(days=1), last_used_at=AT - 9 * SECOND)
    return first.rotated(NEW, AT)


def test_rotation_keeps_the_previous_token_and_restarts_the_14_days(session):
    assert (session.token_digest, session.previous_digest) == (NEW, OLD)
    assert (session.created_at, session.last_used_at) == (AT - timedelta(days=1), AT)
    assert session.expires_at == AT + REFRESH_TTL


@pytest.mark.parametrize("after", [0 * SECOND, 20 * SECOND, timedelta(days=13), -SECOND])
def test_the_current_token_is_rotated(session, after):
    assert session.judge(NEW, AT + after) is Refresh.ROTATE


@pytest.mark.parametrize(
    ("after", "judgement"),
    [
        (0 * SECOND, Refresh.REPEAT),
        (30 * SECOND - MICROSECOND, Refresh.REPEAT),
        (30 * SECOND, Refresh.REPEAT),
        (30 * SECOND + MICROSECOND, Refresh.STOLEN),
        (timedelta(days=13), Refresh.STOLEN),
    ],
)
def test_the_previous_token_works_for_thirty_seconds(session, after, judgement):
    """Two tabs may renew at once; a later use means a stolen copy."""
    assert session.judge(OLD, AT + after) is judgement


def test_any_other_token_of_the_session_counts_as_stolen(session):
    assert session.judge(token_digest("older"), AT) is Refresh.STOLEN


def test_no_rotation_lengthens_a_session_beyond_90_days(session):
    late = session.created_at + SESSION_TTL - timedelta(days=3)
    assert session.rotated(token_digest("newer"), late).expires_at == session.created_at + SESSION_TTL


def test_a_chain_of_rotations_knows_two_tokens_at_a_time(session):
    later = session.rotated(token_digest("newer"), AT + SECOND)
    assert (later.token_digest, later.previous_digest) == (token_digest("newer"), NEW)


def test_digests_differ_and_do_not_contain_the_token():
    assert token_digest("a") != token_digest("b")
    assert len(token_digest("a")) == 32
    assert b"secret" not in token_digest("secret")
