"""/api/servers/{id}/policies: what is watched on one server, and why so."""

from typing import Literal

from litestar import Controller, get
from litestar.di import NamedDependency
from msgspec import structs

from monitor.adapters.http.alert_policies import PolicyOut
from monitor.adapters.http.bodies import PathId
from monitor.adapters.http.envelope import Envelope, ok
from monitor.application.fleet import Fleet
from monitor.domain.actors import Actor
from monitor.domain.policies import Policy, ranked
from monitor.domain.servers import ServerId

Because = Literal["server", "tag", "everything"]
_BECAUSE: dict[int, Because] = {2: "server", 1: "tag", 0: "everything"}
"""By the rank of a scope."""


class ServerPolicyOut(PolicyOut, frozen=True, kw_only=True):
    """The one that applies to its metric. *because*: what its scope names (the tag stands there). Disabled, it switches
    the metric off. *overridden*: what would apply without it, one after the other."""

    because: Because
    overridden: list[PolicyOut]

    @staticmethod
    def among(policies: list[Policy]) -> "ServerPolicyOut":
        first, *others = policies
        return ServerPolicyOut(
            **structs.asdict(PolicyOut.of(first)),
            because=_BECAUSE[first.scope.rank],
            overridden=[PolicyOut.of(policy) for policy in others],
        )


class ServerPolicyController(Controller):
    path = "/servers/{server_id:int}/policies"
    tags = ("alerts",)

    @get("/", sync_to_thread=True)
    def policies(
        self, actor: NamedDependency[Actor], server_id: PathId, fleet: NamedDependency[Fleet]
    ) -> Envelope[list[ServerPolicyOut]]:
        """One for each metric that any policy covers here, `offline` included, by the metric's name."""
        fleet.refresh()
        [server] = fleet.directory.chosen(actor, [ServerId(server_id)])
        found = ranked(fleet.directory.policies_by_scope.covering(server), server)
        return ok([ServerPolicyOut.among(found[metric]) for metric in sorted(found)])
