"""What the server's answer means for the samples that were sent, and what failures change: the log and the pauses."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, NamedTuple

from ..clock import Reading
from ..log import Log, one_line

LONGEST_PAUSE = 60.0
STORED = "stored"
LATER = "later"
DROP = "drop"
REFUSED = "refused"
IN_FUTURE = "in_future"
"""Why the server refuses a sample until its own clock has gone that far."""


class SendResult(NamedTuple):
    """What came back; if nothing did, *status* is 0 and *problem* says why. Times are in seconds.

    *epoch*, *durable*: see `kept`; without an epoch nothing is kept. *clock*: the server's time.
    """

    status: int = 0
    body: bytes = b""
    problem: str = ""
    retry_after: float = 0.0
    location: str = ""
    epoch: str = ""
    durable: float = 0.0
    clock: Reading = Reading()


class Outcome(NamedTuple):
    """What to do with the samples. *results*: the answer for each sample of a batch. *why*: for the log.

    *kind*: STORED; LATER: send them again; DROP: the server will never take them; REFUSED: keep them until a person has
    changed something.
    """

    kind: str
    why: str = ""
    retry_after: float = 0.0
    results: tuple[dict[str, Any], ...] = ()


_HINTS = {
    401: "API_KEY is not valid",
    403: "API_KEY may not report this host",
    404: "the server does not know this host; register it there (it is in the list of unregistered hosts)",
}


def judge(answer: SendResult, *, batch_of: int | None = None) -> Outcome:
    """Return the outcome on one sample, or on a batch of *batch_of* samples."""
    status = answer.status
    if status == 0:
        return Outcome(LATER, answer.problem)
    if status == 200:
        return _judge_success(answer, batch_of)
    why = f"{status} {_message(answer.body)}".strip()
    envelope = _json_object(answer.body)
    data = envelope.get("data")
    if isinstance(data, dict) and data.get("reason") == IN_FUTURE:
        return Outcome(REFUSED, f"{why}: the clock of the server or of this host was set")
    # Other servers send 400 as well, such as a proxy that gets http on its https port: that must not drop samples.
    if status == 413 or (status in (400, 422) and envelope.get("code") == status):
        return Outcome(DROP, why)
    if status in (408, 429) or status >= 500:
        return Outcome(LATER, why, answer.retry_after)
    if 300 <= status < 400:
        return Outcome(
            REFUSED,
            f"{status}: the server redirects to {one_line(answer.location)}, and redirects are not followed; "
            "set API_URL to the final address",
        )
    hint = _HINTS.get(status, "is API_URL right?")
    return Outcome(REFUSED, f"{why}: {hint}")


def _judge_success(answer: SendResult, batch_of: int | None) -> Outcome:
    envelope = _json_object(answer.body)
    # Other sites send 200 as well, such as a captive portal: only our own envelope counts.
    if envelope.get("code") != 200:
        return Outcome(REFUSED, "200, but not from a monitor server: is API_URL right?")
    if batch_of is None:
        return Outcome(STORED)
    data = envelope.get("data")
    results = data.get("results") if isinstance(data, dict) else None
    if not isinstance(results, list) or len(results) != batch_of or not all(isinstance(item, dict) for item in results):
        return Outcome(LATER, f"the answer to a batch of {batch_of} has no result for each sample")
    return Outcome(STORED, results=tuple(results))


def _message(body: bytes) -> str:
    message = _json_object(body).get("msg")
    return one_line(message)[:200] if isinstance(message, str) else ""


def _json_object(body: bytes) -> dict[str, Any]:
    try:
        value = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}


class Link:
    """Knows whether the server took the last live sample, and logs when that changes."""

    def __init__(self, url: str, log: Log) -> None:
        self._url = url
        self._log = log
        self._logged = ""
        self._lost_at: float | None = None
        self.up = True  # Assumed at the start, so that the first sample does not go through the spool.

    def took(self, now: float, waiting: int) -> None:
        """The server took a sample; *waiting* older ones will follow."""
        self.up = True
        if self._logged == "up":
            return
        follow = f"; {waiting} waiting samples follow" if waiting else ""
        if self._lost_at is None:
            self._log(f"connected to {self._url}{follow}")
        else:
            self._log(f"connected to {self._url} again after {now - self._lost_at:.0f} s{follow}")
        self._logged, self._lost_at = "up", None

    def failed(self, now: float, outcome: Outcome) -> None:
        """The server did not take a sample, which is kept."""
        self.up = False
        if self._lost_at is None:
            self._lost_at = now
        # While a host starts, network errors alternate (refused, then reset): one line is enough. A refusal names what
        # a person has to change, so each new one is logged.
        state = outcome.why if outcome.kind == REFUSED else "down"
        if self._logged != state:
            self._logged = state
            if outcome.kind == REFUSED:
                self._log(f"{self._url} refuses samples ({outcome.why}); they are kept and sent later")
            else:
                self._log(f"cannot reach {self._url} ({outcome.why}); samples are kept and sent later")


class Backoff:
    """Pauses that double from *first* seconds up to a minute. *random* returns numbers from 0 to 1.

    The first pause is random between 0 and *first*, later ones vary by half, so that agents do not return together.
    """

    def __init__(self, first: float, random: Callable[[], float]) -> None:
        self._first = min(first, LONGEST_PAUSE)
        self._random = random
        self._failures = 0

    def failed(self, asked: float = 0.0) -> float:
        """Return the seconds to wait now: at least *asked*, which the server asks of all agents at once."""
        self._failures += 1
        luck = self._random()
        spread = self._first * luck
        if self._failures == 1:
            return asked + spread
        # The exponent has a limit, because an outage may be long and 2.0 ** 2000 overflows.
        longest = min(LONGEST_PAUSE, self._first * 2.0 ** min(self._failures - 1, 16))
        return max(longest * (1 + luck) / 2, asked + spread)

    def worked(self) -> None:
        """Start again with the first pause."""
        self._failures = 0
