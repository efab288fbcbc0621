"""Each answer has one meaning for the samples that were sent."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.adapters.agent.uplink.outcomes import DROP, LATER, REFUSED, STORED, SendResult, judge


def envelope(status: int, msg: str = "", data: object = None) -> bytes:
    return json.dumps({"code": status, "msg": msg, "data": data}).encode()


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        *((status, LATER) for status in (408, 429, 500, 502, 503, 504, 599)),
        *((status, DROP) for status in (400, 413, 422)),
        *((status, REFUSED) for status in (401, 403, 404, 405, 415, 301, 302, 307, 308, 204)),
    ],
)
def test_statuses(status, kind):
    assert judge(SendResult(status=status, body=envelope(status))).kind == kind


def test_a_400_that_is_not_ours_drops_nothing():
    """As a proxy answers http on its port for https."""
    for body in (b"", b"<html>The plain HTTP request was sent to HTTPS port</html>", envelope(401)):
        assert judge(SendResult(status=400, body=body)).kind == REFUSED
    assert judge(SendResult(status=413, body=b"<html>413 Request Entity Too Large</html>")).kind == DROP


def test_only_our_envelope_means_success():
    assert judge(SendResult(status=200, body=envelope(200))).kind == STORED
    for body in (b"", b"<html>Log in to the hotel's network</html>", b"[]", b'{"code": 500}', b"\xff", b"[" * 100_000):
        assert judge(SendResult(status=200, body=body)).kind == REFUSED


def test_no_answer_means_later_with_the_reason():
    outcome = judge(SendResult(problem="Connection refused"))
    assert (outcome.kind, outcome.why) == (LATER, "Connection refused")


def test_a_pause_that_the_server_asks_for_is_kept():
    assert judge(SendResult(status=503, body=envelope(503), retry_after=7.0)).retry_after == 7.0


def test_a_redirect_is_named():
    assert "https://elsewhere/x" in judge(SendResult(status=301, location="https://elsewhere/x")).why


def test_a_batch_answers_for_each_sample():
    results = [{"status": "stored"}, {"status": "rejected", "reason": "in_future"}]
    body = envelope(200, data={"results": results})
    assert judge(SendResult(status=200, body=body), batch_of=2).results == tuple(results)
    assert judge(SendResult(status=200, body=body), batch_of=3).kind == LATER


def test_a_message_of_the_server_cannot_forge_a_log_line():
    outcome = judge(SendResult(status=401, body=envelope(401, "no\n2026-01-01 all is well\x1b[2J")))
    assert outcome.why.isprintable()


@given(status=st.integers(0, 999), body=st.binary(max_size=50) | st.builds(json.dumps, st.none()).map(str.encode))
def test_any_answer_gets_an_outcome(status, body):
    judge(SendResult(status=status, body=body))
    judge(SendResult(status=status, body=body), batch_of=3)
