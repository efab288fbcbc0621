"""A message posted to a service over HTTP, and what the answer means."""

from collections.abc import Mapping
from typing import NamedTuple

from monitor.adapters.outbound.connections import Outbound
from monitor.application.notifications.sender_ports import SendResult, SendStatus

_TRY_AGAIN = frozenset({408, 425, 429})


class Posted(NamedTuple):
    """*status*: 0 without an answer. *body*: the beginning of the answer."""

    result: SendResult
    status: int = 0
    body: bytes = b""


def posted(outbound: Outbound, url: str, body: bytes, headers: Mapping[str, str]) -> Posted:
    """Any 2xx is success. 408, 425, 429, 5xx and no answer are retried. The rest is final."""
    # Imported by the first message: httpx takes 12 MB, which most installations do not need.
    from monitor.adapters.outbound.posts import DestinationRefused, Unreachable, post

    try:
        answer = post(outbound, url, body, headers)
    except DestinationRefused as error:
        return Posted(SendResult(SendStatus.REFUSED, str(error)))
    except Unreachable as error:
        return Posted(SendResult(SendStatus.RETRY, str(error)))
    return Posted(_result(answer.status), answer.status, answer.body)


def _result(status: int) -> SendResult:
    if 200 <= status < 300:
        return SendResult(SendStatus.SENT)
    note = " (redirects are not followed)" if 300 <= status < 400 else ""
    send_status = SendStatus.RETRY if status in _TRY_AGAIN or status >= 500 else SendStatus.REFUSED
    return SendResult(send_status, f"answered {status}{note}")
