"""Checks: what this server asks of an address at intervals, and the results."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum

from monitor.domain.checks.kinds import NOTHING, CheckKind, Expectation
from monitor.domain.checks.requests import PLAIN, Request
from monitor.domain.checks.targets import origin_of, url_of, without_secrets
from monitor.domain.errors import Conflict, InvalidInput, Problem, gathered
from monitor.domain.fleet.servers import MAX_SERVER_NAME, Kind, Server, ServerId, canonical_ip
from monitor.domain.intake.intervals import least_gap
from monitor.domain.intake.samples import Sample
from monitor.domain.policies.check_policies import CERT_DAYS, UP, failing_for
from monitor.domain.text import checked_name
from monitor.domain.times import MICROSECOND

MS = "ms"
METRICS = (UP, MS, CERT_DAYS)
MOST_CHECKS = 2000
"""Of one installation."""
SHORTEST_INTERVAL, LONGEST_INTERVAL, DEFAULT_INTERVAL = 10.0, 86_400.0, 60.0
SHORTEST_TIMEOUT, LONGEST_TIMEOUT, DEFAULT_TIMEOUT = 1.0, 60.0, 10.0
MOST_ATTEMPTS, DEFAULT_ATTEMPTS = 10, 2
LONGEST_ERROR = 500


class CheckState(StrEnum):
    """NEW: never up, and not yet down. DOWN: after as many failures in a row as allowed. PAUSED is never stored."""

    NEW = "new"
    UP = "up"
    DOWN = "down"
    PAUSED = "paused"


class TooManyChecks(Conflict, reason="too_many_checks"):
    """There are `MOST_CHECKS`."""


class CheckPaused(Conflict, reason="check_paused"):
    """It does not run while it is paused."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """*interval*, *timeout*: seconds. *attempts*: failures in a row after which it is down. *host_id*: the server that
    it belongs to. *paused*: it neither runs nor alerts."""

    name: str
    kind: CheckKind
    target: str
    created_at: datetime
    id: ServerId = ServerId(0)  # 0 until stored
    interval: float = DEFAULT_INTERVAL
    timeout: float = DEFAULT_TIMEOUT
    attempts: int = DEFAULT_ATTEMPTS
    host_id: ServerId | None = None
    expect: Expectation = NOTHING
    request: Request = PLAIN
    paused: bool = False

    def __post_init__(self) -> None:
        problems: dict[str, Problem] = {}
        with gathered(problems):
            object.__setattr__(self, "name", checked_name("name", self.name, longest=MAX_SERVER_NAME))
        with gathered(problems):
            object.__setattr__(self, "target", self.kind.checked_target(self.target))
        problems |= {
            name: Problem("out_of_range", {"low": int(low), "high": int(high)})
            for name, value, low, high in (
                ("interval", self.interval, SHORTEST_INTERVAL, LONGEST_INTERVAL),
                ("timeout", self.timeout, SHORTEST_TIMEOUT, LONGEST_TIMEOUT),
                ("attempts", self.attempts, 1, MOST_ATTEMPTS),
            )
            if not low <= value <= high
        }
        if not problems.keys() & {"interval", "timeout"} and self.timeout >= self.interval:
            problems["timeout"] = Problem("shorter_than_interval")
        if problems := problems | self.kind.problems(self.expect, self.request):
            raise InvalidInput(problems)
        if self.expect.record is not None:
            expect = Expectation(record=canonical_ip(self.expect.record))
            object.__setattr__(self, "expect", expect)

    def asks_like(self, other: "Check") -> bool:
        """True if both ask for the same, so that they share results."""
        return self._question == other._question

    @property
    def _question(self) -> tuple[object, ...]:
        return self.kind, self.target, self.expect, self.request

    def with_secrets_of(self, stored: "Check | None") -> "Check":
        """Return it with the secret values of *stored* that it leaves out, if it asks the same server.

        Raises InvalidInput without one: nobody could read a secret by sending it elsewhere.
        """
        known = stored.request if stored is not None and stored._origin == self._origin else PLAIN
        return replace(self, request=self.request.with_secrets_of(known)) if self.request.headers else self

    @property
    def _origin(self) -> tuple[object, ...]:
        if "headers" not in self.kind.asks:
            return (self.target,)
        return *origin_of(url_of(self.target)), self.request.ca

    def mentions(self, text: str) -> bool:
        """True if its name or target, as others may read it, contains *text* in any case."""
        folded = text.casefold()
        return folded in self.name.casefold() or folded in without_secrets(self.target).casefold()

    def as_server(self, ip_address: str) -> Server:
        """Return its row in `servers`. *ip_address*: one that nobody has."""
        return Server(
            id=self.id,
            name=self.name,
            ip_address=ip_address,
            created_at=self.created_at,
            kind=Kind.CHECK,
            host_id=self.host_id,
            attempts=self.attempts,
            report_interval=self.interval,
            paused=self.paused,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What came of a run. *at*: when it began. *ms*: until the answer; None if there was none. *cert_days*:
    days until the certificate ends. *error*: why it failed, in one line without secrets; "" if it is up. *figures*:
    further metrics, which are kept with the samples alone."""

    at: datetime
    up: bool
    ms: float | None = None
    cert_days: float | None = None
    error: str = ""
    figures: Mapping[str, float] = field(default_factory=dict, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "error", "" if self.up else self.error[:LONGEST_ERROR] or "failed")


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckStatus:
    """What is known of a check's runs. *failures*: in a row, up to now. *failing_since*: when the first of them ran,
    since the last interruption. *failed*: when and why the last run that failed did."""

    state: CheckState = CheckState.NEW
    failures: int = 0
    failing_since: datetime | None = None
    last: Result | None = None
    failed: Result | None = None

    def after(self, result: Result, attempts: int, interval: float) -> "CheckStatus":
        """Return the status after a run. *attempts*: failures in a row that make it down.

        It is down exactly when its alert fires: runs that somebody asks for, in between, make it down no sooner.
        """
        if result.up:
            return CheckStatus(state=CheckState.UP, last=result, failed=self.failed)
        since = result.at if self._is_interrupted(result.at, interval) else self.failing_since or result.at
        state = CheckState.DOWN if result.at - since >= failing_for(attempts, interval) else self.state
        failed = Result(at=result.at, up=False, error=result.error)
        return CheckStatus(state=state, failures=self.failures + 1, failing_since=since, last=result, failed=failed)

    def _is_interrupted(self, at: datetime, interval: float) -> bool:
        """True if the engine of alerts would take the pause for an interruption."""
        gap = timedelta() if self.last is None else at - self.last.at
        return not timedelta() <= gap <= least_gap(interval) * MICROSECOND


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredCheck:
    """*due_at*: when it runs next."""

    check: Check
    due_at: datetime
    status: CheckStatus = field(default_factory=CheckStatus)

    @property
    def id(self) -> ServerId:
        return self.check.id

    @property
    def state(self) -> CheckState:
        return CheckState.PAUSED if self.check.paused else self.status.state

    def after(self, result: Result) -> CheckStatus:
        return self.status.after(result, self.check.attempts, self.check.interval)

    def changed(self, check: Check, now: datetime) -> "StoredCheck":
        """Return it as *check*, due *now*; without its status if it asks for something else."""
        status = self.status if check.asks_like(self.check) else CheckStatus()
        return StoredCheck(check=check, due_at=now, status=status)

    def with_pause(self, now: datetime, *, paused: bool) -> "StoredCheck":
        """Return it paused, or to run *now*: then as a new one, since what was before does not count."""
        status = CheckStatus(last=self.status.last, failed=self.status.failed)
        return StoredCheck(check=replace(self.check, paused=paused), due_at=now, status=status)


def sample_of(check: Check, result: Result, received_at: datetime) -> Sample:
    """Return the result as a sample. CPU, memory and disk are 0: each sample has them."""
    extra = {UP: float(result.up), **result.figures}
    if result.ms is not None:
        extra[MS] = result.ms
    if result.cert_days is not None:
        extra[CERT_DAYS] = result.cert_days
    return Sample(check.id, result.at, received_at, 0.0, 0.0, 0.0, extra, check.interval)
