"""The policies that apply to one server, check or check-in, and why."""

from collections.abc import Iterable
from typing import Literal

from litestar import get
from msgspec import Struct, structs

from monitor.adapters.http.edge.bodies import PathId
from monitor.adapters.http.edge.envelope import Envelope, ok
from monitor.adapters.http.edge.supplying import Part
from monitor.adapters.http.policies.policies import PolicyOut
from monitor.application.fleet.directory import Directory
from monitor.application.fleet.fleet import Fleet
from monitor.application.fleet.visibility import VisibleFleet
from monitor.domain.accounts.actors import Actor
from monitor.domain.checks.checks import METRICS
from monitor.domain.fleet.servers import Kind, ServerId
from monitor.domain.policies.check_policies import CHECK_IN, built_in, ranked
from monitor.domain.policies.policies import (
    Policy,
)

Because = Literal["server", "tag", "everything"]
_BECAUSE: dict[int, Because] = {2: "server", 1: "tag", 0: "everything"}
"""By `Scope.rank`."""


class ServerPolicyOut(PolicyOut, frozen=True, kw_only=True):
    """Policy that applies to its metric; a disabled one switches the metric off. *because*: the kind of its scope.
    *overridden*: the policies that would apply without it, in this order."""

    because: Because
    overridden: list[PolicyOut]

    @staticmethod
    def among(policies: list[Policy], directory: Directory) -> "ServerPolicyOut":
        first, *others = policies
        return ServerPolicyOut(
            **structs.asdict(PolicyOut.of(first, directory)),
            because=_BECAUSE[first.scope.rank],
            overridden=[PolicyOut.of(policy, directory) for policy in others],
        )


@get("/servers/{server_id:int}/policies", tags=("alerts",), sync_to_thread=True)
def policies(actor: Part[Actor], server_id: PathId, fleet: Part[Fleet]) -> Envelope[list[ServerPolicyOut]]:
    """The policy of each metric and kind that any policy covers on this server, with `offline`, sorted by metric."""
    visible = fleet.visible_to(actor)
    server, directory = visible.get(ServerId(server_id), Kind.HOST), visible.directory
    found = ranked(directory.rules.policies.covering(server), server)
    return ok([ServerPolicyOut.among(found[key], directory) for key in sorted(found)])


class CheckPolicyOut(Struct, frozen=True, kw_only=True):
    """*policy*: the one that applies to this metric; a disabled one switches it off. *built_in*: no policy covers it,
    and the rule of every check decides. Without either, nothing alerts."""

    metric: str
    policy: PolicyOut | None
    built_in: bool


@get("/checks/{check_id:int}/policies", tags=("checks",), sync_to_thread=True)
def check_policies(actor: Part[Actor], check_id: PathId, fleet: Part[Fleet]) -> Envelope[list[CheckPolicyOut]]:
    """What alerts of each metric of this check: a policy, or the built-in rule."""
    return ok(_policies_of(fleet.visible_to(actor), check_id, Kind.CHECK, METRICS))


@get("/check-ins/{check_in_id:int}/policies", tags=("checks",), sync_to_thread=True)
def check_in_policies(actor: Part[Actor], check_in_id: PathId, fleet: Part[Fleet]) -> Envelope[list[CheckPolicyOut]]:
    """What alerts of this check-in: a policy, or the built-in rule."""
    return ok(_policies_of(fleet.visible_to(actor), check_in_id, Kind.CHECK_IN, (CHECK_IN,)))


def _policies_of(visible: VisibleFleet, id_: int, kind: Kind, metrics: Iterable[str]) -> list[CheckPolicyOut]:
    """Return a row for each policy on one of *metrics*, and one for each metric without a policy of the usual kind that
    has a built-in rule, or nothing."""
    check, directory = visible.get(ServerId(id_), kind), visible.directory
    found = [first for first, *_ in ranked(directory.rules.policies.covering(check), check).values()]
    ruled = {policy.metric for policy in built_in(check)}
    rows = []
    for metric in metrics:
        held = {policy.key: policy for policy in found if policy.metric == metric}
        if metric not in held and (metric in ruled or not held):
            rows.append(CheckPolicyOut(metric=metric, policy=None, built_in=metric in ruled))
        rows += [
            CheckPolicyOut(metric=metric, policy=PolicyOut.of(held[key], directory), built_in=False)
            for key in sorted(held)
        ]
    return rows
