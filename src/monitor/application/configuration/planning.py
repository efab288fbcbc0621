"""Plans of a file or an edit: what it would change, which alerts it would end, and whom it would page.

An alert ends if its policy no longer applies, or is no longer breached, or if its check goes or asks for something
else. Pages take long to count in a large fleet.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from monitor.application.accounts.limits import check_at_once
from monitor.application.alerts.evaluating.anew import levels_by
from monitor.application.alerts.ports import AlertFilter
from monitor.application.checks.ports import Schedules
from monitor.application.configuration.current import Current, Edit, ReadConfiguration
from monitor.application.configuration.edited import RosterEdit, with_edit
from monitor.application.configuration.pages import Pages, PredictPages
from monitor.application.hindsight.backtest import MAX_DAYS
from monitor.application.history.tiers import StoredHistory
from monitor.application.jobs import Jobs, Report
from monitor.application.operations.ports import Queries
from monitor.application.policies.policies import compares_otherwise
from monitor.application.ports import Secrets
from monitor.domain.accounts.actors import SYSTEM, Actor
from monitor.domain.accounts.limits import UNLIMITED, Quota, Quotas
from monitor.domain.alerts.alert import Alert, AlertId, AlertState
from monitor.domain.configuration.changes import Change, pairs
from monitor.domain.configuration.configuration import Configuration, Path
from monitor.domain.configuration.sections import CHECK_INS, CHECKS
from monitor.domain.errors import InvalidInput, NotFound, Problem, check_range
from monitor.domain.fleet.servers import ServerId
from monitor.domain.levels import Level
from monitor.domain.policies.policies import WITHOUT_SAMPLES
from monitor.domain.policies.rules import Rules

MOST_ALERTS = 1000
"""Open alerts that are looked at, the newest."""
MOST_FOLDED = 200
"""Those whose samples are evaluated by the changed policy, some 5 ms each."""
PATIENCE = 8.0
"""Seconds for which an answer waits for the pages; what takes longer is asked for again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EndedAlert:
    """*ends* None: more than `MOST_FOLDED` would have to be evaluated to know."""

    id: AlertId
    server_name: str
    metric: str
    level: Level
    ends: bool | None = True


@dataclass(frozen=True, slots=True)
class FindEnds:
    read: ReadConfiguration
    queries: Queries
    stored: StoredHistory

    def __call__(self, actor: Actor, text: str) -> list[EndedAlert]:
        """Say what *text* would end. Raises Forbidden, InvalidInput."""
        return self.of(self.read.edit(text, self.read(actor)))

    def of(self, edit: Edit) -> list[EndedAlert]:
        """Return the open alerts that would end, or may, the newest first."""
        current, after = edit.current, edit.configuration
        ended = set(_ended(current.configuration, after))
        if not ended and (current.configuration.policies, current.configuration.tags) == (after.policies, after.tags):
            return []
        rules = Rules.of(after.policies, ())
        shown = self.queries.alerts.newest(SYSTEM, AlertFilter(state=AlertState.FIRING, limit=MOST_ALERTS))
        stops = {
            each.alert.id: each.alert.server_id in ended or self._stops(each.alert, current, rules, after)
            for each in shown
        }
        unknown = [each.alert for each in shown if stops[each.alert.id] is None]
        stops |= self._are_over(unknown[:MOST_FOLDED], current, after)
        return [
            EndedAlert(
                id=each.alert.id,
                server_name=each.server_name,
                metric=each.alert.metric,
                level=each.alert.level,
                ends=stops[each.alert.id],
            )
            for each in shown
            if stops[each.alert.id] is not False
        ]

    def _stops(self, alert: Alert, current: Current, rules: Rules, wanted: Configuration) -> bool | None:
        """Tell whether its policy no longer applies; None if that depends on its samples."""
        server = current.directory.watched(alert.server_id)
        if server is None or alert.is_drill:
            return False
        tags = wanted.tags.get(server.host_id or server.id, frozenset())
        policy = rules.policies_for(replace(server, tags=tags)).get(alert.key)
        if policy is None or policy.id != alert.policy_id:
            return True
        now = current.directory.rules.policies_for(server).get(alert.key)
        is_same = now is not None and not compares_otherwise(now, policy)
        return False if is_same or alert.metric in WITHOUT_SAMPLES else None

    def _are_over(self, alerts: Sequence[Alert], current: Current, wanted: Configuration) -> dict[AlertId, bool | None]:
        levels = levels_by(self.stored, alerts, {policy.id: policy for policy in wanted.policies}, current.at)
        return {alert.id: levels.get(alert.id) is Level.OK for alert in alerts}


def _ended(before: Configuration, after: Configuration) -> Iterator[ServerId]:
    """Yield the checks and check-ins whose alerts end: they are deleted, or ask for something else."""
    for section in (CHECKS, CHECK_INS):
        for was, now in pairs(section, before, after):
            if was is not None and (now is None or (section is CHECKS and not now.asks_like(was))):
                yield was.id


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """*ends*: alerts that it would end.

    *pages*: None while they are being counted in the job *job_id*, and if not asked for.
    """

    revision: str
    changes: Sequence[Change]
    ends: Sequence[EndedAlert] = ()
    pages: Pages | None = None
    job_id: str | None = None


class Plans(Jobs[Plan]):
    """Plans whose pages are being counted."""

    def __init__(
        self,
        read: ReadConfiguration,
        predict: PredictPages,
        find_ends: FindEnds,
        schedules: Schedules,
        secrets: Secrets,
        patience: float = PATIENCE,
        quotas: Quotas = UNLIMITED,
    ) -> None:
        super().__init__(secrets, "plan")
        self._read = read
        self._predict = predict
        self._find_ends = find_ends
        self._schedules = schedules
        self._patience = patience
        self._quotas = quotas

    def start(self, actor: Actor, text: str, days: int) -> Plan:
        """Say what a file would change, and whom it would have paged in the last *days*; 0: do not ask.

        Raises Forbidden, InvalidInput, Overloaded.
        """
        check_range("days", days, 0, MAX_DAYS)
        edit = self._read.edit(text, self._read(actor))
        self._check_schedules(edit)
        plan = Plan(revision=edit.current.revision, changes=edit.changes(), ends=self._find_ends.of(edit))
        if days == 0:
            return plan

        def work(report: Report) -> Plan:
            return replace(plan, pages=self._predict(edit.current, edit.configuration, days, report))

        return self._counted(actor, plan, work)

    def rehearse(self, actor: Actor, edit: RosterEdit, days: int) -> Plan:
        """Say whom *actor*'s edit would have paged in the last *days*, of what they see.

        Raises Forbidden, InvalidInput, TooManyAtOnce, Overloaded.
        """
        if edit.rota is not None or edit.escalation is not None:
            actor.must_be_admin()
        check_range("days", days, 1, MAX_DAYS)
        before = self._read.fleet.visible_to(actor).directory
        user = before.users.get(actor.user_id)
        if user is None:
            raise NotFound
        check_at_once(self._quotas, Quota.BACKTESTS, self._under_way(actor.user_id))
        after = with_edit(before, edit, user)

        def work(report: Report) -> Plan:
            return Plan(revision="", changes=(), pages=self._predict.between(before, after, days, report, actor))

        return self._counted(actor, Plan(revision="", changes=()), work)

    def _counted(self, actor: Actor, plan: Plan, work: Callable[[Report], Plan]) -> Plan:
        """Return the result of *work*, or *plan* with the job that does it if it takes long. Raises Overloaded."""
        job_id, job = self._begin(actor, work)
        job.over.wait(self._patience)
        return job.result or replace(plan, job_id=job_id)

    def _check_schedules(self, edit: Edit) -> None:
        """Raises InvalidInput for schedules that never come."""
        now, problems = self._read.clock.now(), dict[Path, Problem]()
        for _, check_in in edit.pairs(CHECK_INS):
            if check_in is not None:
                try:
                    self._schedules.next_due(check_in)(now)
                except InvalidInput as error:
                    path = edit.wanted.paths[CHECK_INS.name, check_in.id]
                    problems |= {(*path, name): problem for name, problem in error.problems.items()}
        if problems:
            raise edit.refused(problems)
