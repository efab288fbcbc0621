"""Runs the probe of a check's kind, times it, and turns what went wrong into a sentence."""

import ssl
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime

import structlog

from monitor.adapters.checks import dns, http, ping
from monitor.adapters.checks.outcomes import Answer, Failed, Run, Unexpected, days_until, trusting
from monitor.adapters.outbound.connections import Deadline, Outbound, error_text
from monitor.application.checks.ports import Prober, Trial
from monitor.domain.checks.checks import Check, Result
from monitor.domain.checks.targets import endpoint_of
from monitor.domain.errors import InvalidInput, Problem

log = structlog.get_logger()


def connects(run: Run) -> Answer:
    host, port = endpoint_of(run.check.target)
    run.connect(run.addresses(host, port), port).close()
    return Answer()


def speaks_tls(run: Run) -> Answer:
    host, port = endpoint_of(run.check.target)
    addresses = run.addresses(host, port)
    with closing(run.connect(addresses, port)) as connection:
        return Answer(cert_ends=run.secured(connection, addresses, host, port))


PROBES: dict[str, Callable[[Run], Answer]] = {
    "http": http.probe,
    "tcp": connects,
    "tls": speaks_tls,
    "ping": ping.probe,
    "dns": dns.probe,
}
"""By the name of the kind."""


@dataclass(frozen=True, slots=True)
class GuardedProber(Prober):
    """*outbound*: how targets are reached; each check has its own time for that."""

    outbound: Outbound

    def verify(self, check: Check) -> None:
        if check.expect.pattern is not None:
            http.compiled(check.expect.pattern)
        try:
            if check.request.ca is not None:
                trusting(check.request.ca)
        except (ssl.SSLError, ValueError):
            raise InvalidInput({"request.ca": Problem("invalid_certificate")}) from None

    def __call__(self, check: Check, now: datetime) -> Result:
        return self.attempt(check, now).result

    def attempt(self, check: Check, now: datetime) -> Trial:
        begun = time.monotonic()
        answer, error, has_answered = Answer(), "", False
        run = Run(check, self.outbound, Deadline(check.timeout))
        try:
            answer = PROBES[check.kind.name](run)
            has_answered = True
        except Failed as failed:
            answer, error = Answer(cert_ends=failed.cert_ends), str(failed)
            has_answered = isinstance(failed, Unexpected)
        except TimeoutError as late:
            error = str(late) or "timed out"
        except OSError as broken:
            error = error_text(broken)
        except Exception as unexpected:
            log.error("a probe failed", kind=check.kind.name, exc_info=unexpected)
            error = f"the probe failed ({type(unexpected).__name__})"
        ms = (time.monotonic() - begun) * 1000 if answer.ms is None else answer.ms
        result = Result(
            at=now,
            up=not error,
            ms=round(ms, 2) if has_answered else None,
            cert_days=days_until(answer.cert_ends, now),
            error=_sentence(error),
        )
        return Trial(result, run.found.status, run.found.matched)


def _sentence(error: str) -> str:
    """Return *error* with a small letter, as within a sentence: the system's texts begin with a capital one."""
    return error if error[:2].isupper() else error[:1].lower() + error[1:]
