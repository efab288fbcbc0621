"""Answers as servers and proxies frame them, whole and broken."""

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.adapters.agent.uplink.http1 import LONGEST_ANSWER, Conversation, Response, StaleError, post


class Wire:
    """A socket on which *answers* have arrived, whatever is sent."""

    def __init__(self, answers: bytes) -> None:
        self.sent = b""
        self._answers = io.BytesIO(answers)

    def settimeout(self, _seconds: float) -> None:
        """Nothing here takes time."""

    def send(self, text: memoryview) -> int:
        self.sent += text
        return len(text)

    def recv(self, size: int) -> bytes:
        return self._answers.read(size)


def talk(answers: bytes) -> Conversation:
    return Conversation(Wire(answers), 10.0)  # type: ignore[arg-type] # All of a socket that it uses.


def answered(answers: bytes) -> Response:
    return post(talk(answers), "/", {}, b"")


def test_a_request_is_one_piece():
    wire = Wire(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
    talk = Conversation(wire, 10.0)  # type: ignore[arg-type] # As above.
    post(talk, "/api", {"Host": "a:1", "X-API-Key": "k"}, b"{}")
    assert wire.sent == b"POST /api HTTP/1.1\r\nHost: a:1\r\nX-API-Key: k\r\nContent-Length: 2\r\n\r\n{}"


@given(st.lists(st.tuples(st.binary(max_size=50), st.none() | st.lists(st.integers(1, 20), max_size=5))))
def test_answers_follow_each_other_however_they_are_framed(answers):
    one = talk(b"".join(framed(body, cuts) for body, cuts in answers))
    for body, _cuts in answers:
        response = post(one, "/", {}, b"")
        assert (response.status, response.body, response.keeps) == (200, body, True)
    with pytest.raises(StaleError):
        post(one, "/", {}, b"")


def framed(body: bytes, cuts: list[int] | None) -> bytes:
    """Return an answer with a Content-Length, or in chunks of *cuts* bytes."""
    if cuts is None:
        return b"HTTP/1.1 200 OK\r\ncontent-length:%d\r\nX: y\r\n\r\n%s" % (len(body), body)
    return b"HTTP/1.1 200 OK\r\nTransfer-Encoding: Chunked\r\n\r\n" + chunked(body, cuts)


def chunked(body: bytes, cuts: list[int]) -> bytes:
    parts = []
    for cut in [*cuts, len(body)]:
        part, body = body[:cut], body[cut:]
        if part:
            parts.append(b"%x;note=1\r\n%s\r\n" % (len(part), part))
    return b"".join(parts) + b"0\r\nTrailer: 1\r\n\r\n"


@pytest.mark.parametrize(
    ("head", "keeps"),
    [
        (b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: keep-alive", True),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: Close", False),
        (b"HTTP/1.0 200 OK\r\nContent-Length: 2", False),
        (b"HTTP/1.0 200 OK\r\nContent-Length: 2\r\nConnection: Keep-Alive", True),
        (b"HTTP/1.1 200 OK", False),
        (b"HTTP/1.1 200", False),
    ],
)
def test_whether_the_connection_stays(head, keeps):
    response = answered(head + b"\r\n\r\nok")
    assert (response.status, response.body, response.keeps) == (200, b"ok", keeps)


def test_an_interim_answer_is_skipped():
    assert answered(
        b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 503 Busy\r\nRetry-After:  7 \r\nContent-Length: 0\r\n\r\n"
    ) == (
        503,
        {"retry-after": "7", "content-length": "0"},
        b"",
        True,
    )


def test_an_answer_without_content_has_an_empty_body():
    assert answered(b"HTTP/1.1 204 No Content\r\n\r\n").body == b""


OK = b"HTTP/1.1 200 OK\r\n"
CHUNKED = OK + b"Transfer-Encoding: chunked\r\n\r\n"


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        (b"SSH-2.0-OpenSSH_10.0\r\n", "not HTTP"),
        (b"HTTP/1.1 OK\r\n\r\n", "not HTTP"),
        (OK, "cut off"),
        (OK + b"Content-Len", "cut off"),
        (OK + b"Content-Length: 3\r\n\r\nab", "cut off"),
        (OK + b"a: b\r\n" * 1000 + b"\r\n", "too long"),
        (OK + b"a: " + b"b" * 100_000 + b"\r\n\r\n", "cut off"),
        (OK + b"Content-Length: %d\r\n\r\n" % (LONGEST_ANSWER + 1) + b"x" * (LONGEST_ANSWER + 1), "too long"),
        (OK + b"\r\n" + b"x" * (LONGEST_ANSWER + 1), "too long"),
        (CHUNKED + (b"20000\r\n" + b"x" * 0x20000 + b"\r\n") * 3 + b"0\r\n\r\n", "too long"),
        (CHUNKED + b"-5\r\nabc", "too long"),
        (CHUNKED + b"zz\r\nabc", "invalid literal"),
        (CHUNKED + b"5\r\nabc", "cut off"),
        (CHUNKED + b"3\r\nabc\r\n", "cut off"),
    ],
)
def test_broken_answers_raise_value_error(answer, why):
    with pytest.raises(ValueError, match=why):
        answered(answer)
