"""Plans of a file: what it would change, and whom it would page, which takes long in a large fleet."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from monitor.application.checks.ports import Schedules
from monitor.application.configuration.current import Current, ReadConfiguration
from monitor.application.configuration.ends import EndedAlert, FindEnds
from monitor.application.configuration.pages import Pages, PredictPages
from monitor.application.hindsight.backtest import MAX_DAYS
from monitor.application.jobs import Jobs, Report
from monitor.application.ports import Secrets
from monitor.domain.accounts.actors import Actor
from monitor.domain.configuration.changes import Change, changes, pairs
from monitor.domain.configuration.configuration import Path
from monitor.domain.configuration.reading import Wanted
from monitor.domain.configuration.sections import CHECK_INS
from monitor.domain.errors import InvalidInput, Problem

PATIENCE = 8.0
"""Seconds for which an answer waits for the pages; what takes longer is asked for again."""


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
    ) -> None:
        super().__init__(secrets, "plan")
        self._read = read
        self._predict = predict
        self._find_ends = find_ends
        self._schedules = schedules
        self._patience = patience

    def start(self, actor: Actor, text: str, days: int) -> Plan:
        """Say what a file would change, and whom it would have paged in the last *days*; 0: do not ask.

        Raises Forbidden, InvalidInput, Overloaded.
        """
        if not 0 <= days <= MAX_DAYS:
            raise InvalidInput({"days": Problem("out_of_range", {"low": 0, "high": MAX_DAYS})})
        current = self._read(actor)
        wanted = self._read.wanted(text, current)
        self._check_schedules(text, current, wanted)
        plan = Plan(
            revision=current.revision,
            changes=changes(current.configuration, wanted, current.installation),
            ends=self._find_ends.of(current, wanted.configuration),
        )
        if days == 0:
            return plan

        def work(report: Report) -> Plan:
            return replace(plan, pages=self._predict(current, wanted.configuration, days, report))

        job_id, job = self._begin(actor, work)
        job.over.wait(self._patience)
        return job.result or replace(plan, job_id=job_id)

    def _check_schedules(self, text: str, current: Current, wanted: Wanted) -> None:
        """Raises InvalidInput for a schedule that never comes."""
        now, problems = self._read.clock.now(), dict[Path, Problem]()
        for _, check_in in pairs(CHECK_INS, current.configuration, wanted.configuration):
            if check_in is not None:
                try:
                    self._schedules.next_due(check_in)(now)
                except InvalidInput as error:
                    path = wanted.paths[CHECK_INS.name, check_in.id]
                    problems |= {(*path, name): problem for name, problem in error.problems.items()}
        if problems:
            raise self._read.refused(text, problems)
