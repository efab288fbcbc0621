"""An issuer that answers a byte at a time ends by one deadline, whatever it is that drips."""

import time
from dataclasses import replace

import pytest

from monitor.adapters.oidc.web import ISSUER, LARGEST, Web
from monitor.adapters.outbound.posts import Bounded
from monitor.domain.accounts.errors import IssuerUnavailable
from tests.integration.agent.dripping import BEHIND_ITS_HEAD, dripping

TOTAL = 0.5
HEAD = b"HTTP/1.1 200 OK\r\n" + b"".join(b"X-%d: a header that comes slowly\r\n" % n for n in range(1000))
WEB = Web(Bounded(replace(ISSUER, total=TOTAL), LARGEST))


@pytest.mark.parametrize(
    ("answer", "pause"),
    [(HEAD, 0.01), (BEHIND_ITS_HEAD, 0.01), (b"HTTP/1.1 100 Continue\r\n\r\n" * 1000, 0.01)],
    ids=["headers", "body", "continue"],
)
@pytest.mark.parametrize("form", [None, {"code": "c"}], ids=["keys", "tokens"])
def test_it_holds_nobody_for_longer(answer: bytes, pause: float, form: dict[str, str] | None) -> None:
    with dripping(answer, pause=pause) as issuer:
        began = time.monotonic()
        with pytest.raises(IssuerUnavailable, match="timed out"):
            WEB.ask(issuer.url + "/", form=form)
        assert time.monotonic() - began < TOTAL + 3


def test_a_whole_answer_in_time_is_read() -> None:
    with dripping(b'HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{"a": 17}', pause=0.001) as issuer:
        assert (200, {"a": 17}) == WEB.ask(issuer.url + "/")
