"""Checks as the API receives and shows them."""

from typing import TYPE_CHECKING, Annotated, Literal

from msgspec import UNSET, Meta, Struct, UnsetType
from msgspec.structs import asdict

from monitor.adapters.http.accounts.users import Text
from monitor.adapters.http.checks.asked import Asked
from monitor.adapters.http.checks.check_ins import host_fields
from monitor.adapters.http.edge import times
from monitor.adapters.http.edge.bodies import Id, Named
from monitor.adapters.http.edge.mapping import shown
from monitor.adapters.http.fleet.dependencies import Dependencies, parents_of, shown_parents
from monitor.application.accounts.authentication import Caller
from monitor.application.fleet.dependencies import Parent
from monitor.application.fleet.directory import Directory
from monitor.application.fleet.visibility import VisibleFleet
from monitor.domain.checks.checks import (
    DEFAULT_ATTEMPTS,
    DEFAULT_INTERVAL,
    DEFAULT_TIMEOUT,
    Check,
    Result,
    StoredCheck,
)
from monitor.domain.checks.kinds import KINDS, NOTHING, Expectation
from monitor.domain.checks.requests import PLAIN
from monitor.domain.checks.targets import LONGEST_TARGET, without_secrets
from monitor.domain.fleet.servers import ServerId
from monitor.domain.times import UNSET_TIME

StateName = Literal["new", "up", "down", "paused"]
Target = Annotated[
    str,
    Meta(
        max_length=LONGEST_TARGET,
        description="A URL (`http`), `host:port` (`tcp`, `tls`), a host (`ping`), or `name@server:port` (`dns`; "
        "without `@` the system's resolver), or `itself` (`monitor`). IPv6 addresses with a port stand in brackets.",
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
    text: Text | None = None
    record: Text | None = None
    statuses: Text | None = None
    pattern: Text | None = None
    json_path: Text | None = None
    json_value: Text | None = None


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
    request: Asked | None = None
    depends_on: Dependencies | UnsetType = UNSET

    def to_domain(self, check_id: ServerId = ServerId(0)) -> Check:
        """Raises InvalidInput."""
        fields = asdict(self)
        del fields["depends_on"]
        expect = NOTHING if fields["expect"] is None else Expectation(**asdict(fields["expect"]))
        fields["request"] = PLAIN if self.request is None else self.request.to_domain()
        fields |= {"kind": KINDS[self.kind], "expect": expect, "host_id": fields.pop("server_id")}
        return Check(id=check_id, created_at=UNSET_TIME, **fields)

    def parents(self) -> tuple[Parent, ...] | None:
        """Raises InvalidInput."""
        return None if self.depends_on is UNSET else parents_of(self.depends_on)


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
    """*target*: of a URL no more than scheme, host and port, if the caller may not change it. *state*: `new` until it
    was up or down, `down` after `attempts` failures in a row, as far apart as its runs are, `up` after one success.
    `paused`: it does not run. *request*: null if it asks as usual, and for who may not change it.
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
    expect: ExpectIn | None
    request: Asked | None
    state: StateName
    failures: int
    last: ResultOut | None
    failed: ResultOut | None
    next_run_at: str
    created_at: str
    may_change: bool
    depends_on: Dependencies

    @staticmethod
    def of(stored: StoredCheck, caller: Caller, directory: Directory) -> "CheckOut":
        check, status, known = stored.check, stored.status, directory.checks.get(stored.id)
        may_change = caller.actor.is_admin and not caller.reads_only
        return shown(
            CheckOut,
            check,
            kind=check.kind.name,
            target=check.target if may_change else without_secrets(check.target),
            expect=None if check.expect == NOTHING else shown(ExpectIn, check.expect),
            request=Asked.of(check.request) if may_change and check.request != PLAIN else None,
            state=stored.state.value,
            failures=status.failures,
            last=ResultOut.of(status.last),
            failed=ResultOut.of(status.failed),
            next_run_at=times.written(stored.due_at),
            may_change=may_change,
            depends_on=shown_parents(known.depends_on if known else (), VisibleFleet(directory, caller.actor)),
            **host_fields(check.host_id, directory),
        )
