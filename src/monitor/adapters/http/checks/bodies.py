"""Bodies of /api/checks: how a check is sent, and how it and its results are shown."""

from typing import TYPE_CHECKING, Annotated, Literal

from msgspec import Meta, Struct
from msgspec.structs import asdict

from monitor.adapters.http.accounts.users import Text
from monitor.adapters.http.checks.check_ins import host_fields
from monitor.adapters.http.edge import times
from monitor.adapters.http.edge.bodies import Id, Named
from monitor.adapters.http.edge.mapping import each_of, shown
from monitor.application.accounts.authentication import Caller
from monitor.application.checks.ports import Trial
from monitor.application.fleet.directory import Directory
from monitor.domain.checks.checks import (
    DEFAULT_ATTEMPTS,
    DEFAULT_INTERVAL,
    DEFAULT_TIMEOUT,
    Check,
    Result,
    StoredCheck,
)
from monitor.domain.checks.expectations import NOTHING, Expectation
from monitor.domain.checks.kinds import KINDS
from monitor.domain.checks.requests import LONGEST_BODY, LONGEST_CA, LONGEST_HEADERS, METHODS, PLAIN, Header, Request
from monitor.domain.checks.targets import LONGEST_TARGET, without_secrets
from monitor.domain.fleet.servers import ServerId
from monitor.domain.times import UNSET_TIME

StateName = Literal["new", "up", "down", "paused"]
Target = Annotated[
    str,
    Meta(
        max_length=LONGEST_TARGET,
        description="A URL (`http`), `host:port` (`tcp`, `tls`), a host (`ping`), or `name@server:port` (`dns`; "
        "without `@` the system's resolver). IPv6 addresses stand in brackets where a port follows.",
    ),
]


if TYPE_CHECKING:
    KindName = str
else:

    class KindName(Named):
        known = KINDS


class ExpectIn(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What an answer must have: an address among those of `dns` as *record*; the others are of `http`. *status*, or
    *statuses* such as "200-299,401"; without, every one below 400 is good. *text*: within its first megabyte.
    *pattern*: a regular expression (RE2) that matches within its first 200,000 characters. *json_path*: where it has a
    value, such as "data.items[0].state"; *json_value*: which, as text; null: any."""

    status: int | None = None
    statuses: Text | None = None
    text: Text | None = None
    pattern: Text | None = None
    json_path: Text | None = None
    json_value: Text | None = None
    record: Text | None = None


class HeaderIn(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """*secret*: the value is never shown again. *value*: null keeps the one of the stored check, as long as it asks the
    same scheme, host and port."""

    name: Text
    value: Annotated[str, Meta(max_length=LONGEST_HEADERS)] | None = None
    secret: bool = False


class RequestIn(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """How `http` asks. *headers*: at most 20. *redirects*: how many are followed, at most 5; each must lead to an
    allowed address, and another server gets neither headers nor body. *ca*: certificates (PEM) that are trusted in
    place of the usual ones; of `tls` too."""

    method: Text = METHODS[0]
    headers: Annotated[list[HeaderIn], Meta(max_length=100)] = []
    body: Annotated[str, Meta(max_length=LONGEST_BODY)] | None = None
    redirects: int = 0
    ca: Annotated[str, Meta(max_length=LONGEST_CA)] | None = None

    def to_domain(self) -> Request:
        """Raises InvalidInput."""
        headers = each_of("request.headers", self.headers, _header)
        return Request(**asdict(self) | {"headers": headers})


def _header(header: HeaderIn) -> Header:
    return Header(name=header.name, value=header.value or "", secret=header.secret)


class CheckBody(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A check, whole. *interval*: seconds, from 10 to a day. *timeout*: seconds, from 1 to 60, and less than the
    interval. *attempts*: failures in a row, from 1 to 10, after which it is down. *server_id*: the server that it
    belongs to; who sees that sees the check."""

    name: Text
    kind: KindName
    target: Target
    interval: float = DEFAULT_INTERVAL
    timeout: float = DEFAULT_TIMEOUT
    attempts: int = DEFAULT_ATTEMPTS
    server_id: Id | None = None
    expect: ExpectIn | None = None
    request: RequestIn | None = None

    def to_domain(self, check_id: ServerId = ServerId(0)) -> Check:
        """Raises InvalidInput."""
        fields = asdict(self)
        expect = NOTHING if fields["expect"] is None else Expectation(**asdict(fields["expect"]))
        fields["request"] = PLAIN if self.request is None else self.request.to_domain()
        fields |= {"kind": KINDS[self.kind], "expect": expect, "host_id": fields.pop("server_id")}
        return Check(id=check_id, created_at=UNSET_TIME, **fields)


class ExpectOut(Struct, frozen=True, kw_only=True):
    status: int | None
    statuses: str | None
    text: str | None
    pattern: str | None
    json_path: str | None
    json_value: str | None
    record: str | None


class HeaderOut(Struct, frozen=True, kw_only=True):
    """*value*: null if it is secret."""

    name: str
    value: str | None
    secret: bool

    @staticmethod
    def of(header: Header) -> "HeaderOut":
        return shown(HeaderOut, header, value=None if header.secret else header.value)


class RequestOut(Struct, frozen=True, kw_only=True):
    method: str
    headers: list[HeaderOut]
    body: str | None
    redirects: int
    ca: str | None


class ResultOut(Struct, frozen=True, kw_only=True):
    """*at*: when the run began. *ms*: how long it took, of `ping` the round trip. *cert_days*: days until the
    certificate ends, negative once it has; null without one. *error*: why it failed; null if it is up."""

    at: str
    up: bool
    ms: float | None
    cert_days: float | None
    error: str | None

    @staticmethod
    def of(result: Result | None) -> "ResultOut | None":
        return None if result is None else shown(ResultOut, result, error=result.error or None)


class CheckOut(Struct, frozen=True, kw_only=True):
    """*target*: of a URL no more than scheme, host and port, if the caller may not change it. *request*: null if it
    asks as usual, and for who may not change it. *state*: `new` until it was up or down, `down` after `attempts`
    failures in a row, as far apart as its runs are, `up` after one success; `paused` while it does not run.
    *failures*: in a row, up to now. *last*: the last run, and *failed* the last one that failed, without `ms` and
    `cert_days`. *may_change*: whether the caller may change it."""

    id: int
    name: str
    kind: KindName
    target: str
    interval: float
    timeout: float
    attempts: int
    server_id: int | None
    server_name: str | None
    expect: ExpectOut | None
    request: RequestOut | None
    state: StateName
    failures: int
    last: ResultOut | None
    failed: ResultOut | None
    next_run_at: str
    created_at: str
    may_change: bool

    @staticmethod
    def of(stored: StoredCheck, caller: Caller, directory: Directory) -> "CheckOut":
        check, status = stored.check, stored.status
        may_change = caller.actor.is_admin and not caller.reads_only
        return shown(
            CheckOut,
            check,
            kind=check.kind.name,
            target=check.target if may_change else without_secrets(check.target),
            expect=None if check.expect == NOTHING else shown(ExpectOut, check.expect),
            request=_shown_request(check.request) if may_change and check.request != PLAIN else None,
            state=stored.state.value,
            failures=status.failures,
            last=ResultOut.of(status.last),
            failed=ResultOut.of(status.failed),
            next_run_at=times.written(stored.due_at),
            may_change=may_change,
            **host_fields(check.host_id, directory),
        )


def _shown_request(request: Request) -> RequestOut:
    return shown(RequestOut, request, headers=[HeaderOut.of(each) for each in request.headers])


class TrialOut(ResultOut, frozen=True, kw_only=True):
    """*status*: of an HTTP answer. *matched*: what was found, by the name of the expectation."""

    status: int | None
    matched: dict[str, str]

    @staticmethod
    def of_trial(trial: Trial) -> "TrialOut":
        result = trial.result
        return shown(TrialOut, result, error=result.error or None, status=trial.status, matched=dict(trial.matched))
