"""/api/alerts/coverage: gaps in the alerting."""

from litestar import Controller, get
from litestar.di import NamedDependency
from msgspec import Struct

from monitor.adapters.http.edge.envelope import Envelope, ok
from monitor.adapters.http.fleet.servers import ServerName
from monitor.application.notifications.recipients import CheckCoverage
from monitor.domain.accounts.actors import Actor
from monitor.domain.fleet.servers import Server


class UntoldOut(Struct, frozen=True, kw_only=True):
    policy_id: int
    metric: str
    servers: list[ServerName]


class FailingChannelOut(Struct, frozen=True, kw_only=True):
    channel_id: int
    name: str
    last_error: str
    attempts: int


class CoverageOut(Struct, frozen=True, kw_only=True):
    """*complete*: every server has a policy, and somebody would be notified of its alerts."""

    complete: bool
    mail_configured: bool
    unwatched_servers: list[ServerName]
    untold: list[UntoldOut]
    failing_channels: list[FailingChannelOut]


class CoverageController(Controller):
    path = "/alerts/coverage"
    tags = ("alerts",)

    @get("/", sync_to_thread=True)
    def coverage(
        self, actor: NamedDependency[Actor], check_coverage: NamedDependency[CheckCoverage]
    ) -> Envelope[CoverageOut]:
        """Say for which of the caller's servers nobody would be notified."""
        found = check_coverage(actor)
        return ok(
            CoverageOut(
                complete=not (found.unwatched or found.unnotified or found.failing) and found.mail_is_set_up,
                mail_configured=found.mail_is_set_up,
                unwatched_servers=_names(found.unwatched),
                untold=[
                    UntoldOut(policy_id=policy.id, metric=policy.metric, servers=_names(servers))
                    for policy, servers in found.unnotified
                ],
                failing_channels=[
                    FailingChannelOut(
                        channel_id=channel.id, name=channel.name, last_error=last.last_error, attempts=last.attempts
                    )
                    for channel, last in found.failing
                ],
            )
        )


def _names(servers: list[Server]) -> list[ServerName]:
    return [ServerName(id=server.id, server_name=server.name) for server in servers]
