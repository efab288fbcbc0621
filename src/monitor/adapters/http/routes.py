"""All HTTP resources, and the framework's application that they are."""

from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import version
from typing import Any

from litestar import Litestar

from monitor.adapters.http.accounts import audit, factors, passkeys, personal_tokens, sessions, single_sign_on, users
from monitor.adapters.http.alerts import alerts, link_page
from monitor.adapters.http.checks import actions, check_ins, checks, pings
from monitor.adapters.http.configuration import configuration, rehearsal
from monitor.adapters.http.edge import authentication
from monitor.adapters.http.edge.authentication import Authentication
from monitor.adapters.http.edge.bodies import NamedSchema, StrictRequest, is_named, json_only, read_named
from monitor.adapters.http.edge.decoding import MAX_BODY
from monitor.adapters.http.edge.openapi import openapi_config
from monitor.adapters.http.edge.rendering import ErrorHandler
from monitor.adapters.http.edge.supplying import FindPart, supplied
from monitor.adapters.http.fleet import (
    agents,
    batches,
    bodies,
    dependencies,
    groups,
    lists,
    servers,
    suggestions,
    teams,
)
from monitor.adapters.http.hindsight import backtests, drills, explaining, noise
from monitor.adapters.http.history import samples, series, stats
from monitor.adapters.http.incidents import history as incident_history
from monitor.adapters.http.incidents import incidents
from monitor.adapters.http.intake.routes import IntakeController, write
from monitor.adapters.http.live.routes import LiveController
from monitor.adapters.http.notifications import channels, mail, notifications, reach, ways
from monitor.adapters.http.oncall import calendars, escalations, rotas
from monitor.adapters.http.operations import cluster, health, preferences
from monitor.adapters.http.policies import applied_policies, outlooks, policies, silences
from monitor.application.accounts.authentication import Caller

PAGES = (
    agents.PageController,
    health.HealthController,
    health.scrape,
    link_page.LinkController,
    pings.PingController,
)
RESOURCES = (
    alerts.AlertController,
    agents.install,
    agents.old_agents,
    agents.ApiKeyController,
    audit.newest,
    audit.export,
    backtests.BacktestController,
    channels.ChannelController,
    channels.list_kinds,
    actions.CheckActions,
    checks.CheckController,
    check_ins.CheckInController,
    escalations.EscalationController,
    groups.groups,
    groups.wallboard,
    explaining.explain,
    noise.noise,
    incidents.IncidentController,
    incident_history.timeline,
    incident_history.report,
    suggestions.suggestions,
    configuration.ConfigurationController,
    rehearsal.RehearsalController,
    drills.DrillController,
    factors.FactorController,
    cluster.cluster,
    notifications.coverage,
    IntakeController,
    write,
    series.filling,
    LiveController,
    notifications.NotificationController,
    reach.reach,
    calendars.on_call,
    calendars.on_call_of,
    calendars.file,
    rotas.RotaController,
    passkeys.PasskeyController,
    policies.PolicyController,
    samples.recent,
    samples.newest,
    series.series,
    batches.run,
    servers.ServerController,
    dependencies.dependents,
    lists.ListController,
    batches.ServerCsvController,
    applied_policies.policies,
    applied_policies.check_policies,
    applied_policies.check_in_policies,
    outlooks.outlooks,
    sessions.SessionController,
    single_sign_on.methods,
    single_sign_on.SignOnController,
    preferences.SettingsController,
    mail.MailController,
    silences.SilenceController,
    stats.stats,
    personal_tokens.PersonalTokenController,
    teams.TeamController,
    users.UserController,
    users.options,
    ways.WayController,
    ways.push_key,
)
"""Under `/api`."""

DEPENDENCIES: dict[str, Callable[..., Any]] = {
    "actor": authentication.provide_actor,
    "audit_filter": audit.audit_filter,
    "caller": authentication.provide_caller,
    "list_filter": lists.list_filter,
    "origin": authentication.provide_origin,
    "show_check_ins": check_ins.ShowCheckIns,
    "show_servers": bodies.ShowServers,
    "site": passkeys.provide_site,
    "tls": authentication.provide_tls,
}
"""What handlers ask for that does not depend on the installation."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """What the routes of one application work with."""

    part: FindPart
    """What handlers ask for besides DEPENDENCIES."""
    authenticate: Callable[[str, str, bool], Caller]
    render: ErrorHandler


class Routes:
    """All resources. Building them takes most of a start: tests do it once, and have them serve one after another."""

    def __init__(self) -> None:
        self._parts: Parts
        self._litestar: Litestar | None = None

    def serving(self, parts: Parts) -> Litestar:
        """From now on they work with *parts* alone."""
        self._parts = parts
        if self._litestar is None:
            self._litestar = self._built()
        return self._litestar

    def _built(self) -> Litestar:
        def part(name: str, kind: Any) -> Any:
            return self._parts.part(name, kind)

        return Litestar(
            [*supplied(RESOURCES, DEPENDENCIES, part, below="/api"), *supplied(PAGES, DEPENDENCIES, part)],
            middleware=[Authentication(lambda *known: self._parts.authenticate(*known))],
            guards=[json_only],
            exception_handlers={Exception: lambda request, error: self._parts.render(request, error)},
            openapi_config=openapi_config(version("monitor")),
            plugins=[series.SeriesSchema(), NamedSchema()],
            type_decoders=[(is_named, read_named)],
            request_class=StrictRequest,
            request_max_body_size=MAX_BODY,
            logging_config=None,
        )
