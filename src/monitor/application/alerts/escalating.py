"""Whom an alert notifies: when it begins to, and when a step of its escalations is due."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import NamedTuple

from monitor.application.fleet.directory import Directory
from monitor.application.notifications.called import all_steps, escalations_of, no_step, step_audience
from monitor.application.notifications.recipients import Audience, Delay, audience
from monitor.application.oncall.ports import Paging
from monitor.domain.alerts.alert import Alert
from monitor.domain.alerts.reasons import LeftOut, Reason
from monitor.domain.fleet.servers import Server
from monitor.domain.fleet.teams import EscalationId
from monitor.domain.notifications.outbox import Target
from monitor.domain.oncall.escalations import Escalation, Progress, Step, begun, note_of, run


class StepRun(NamedTuple):
    """*note*: for the timeline."""

    note: str
    present: Audience


class Opened(NamedTuple):
    """Whom an alert notifies when it begins to. *present*: by the event itself: of first steps, or without an
    escalation everybody. *steps*: what ran at once because those before reached nobody. *pagings*: what comes next."""

    present: Audience
    steps: Sequence[StepRun] = ()
    pagings: Sequence[Paging] = ()


def opened(directory: Directory, server: Server, alert: Alert, now: datetime) -> Opened:
    escalations = escalations_of(directory, server, alert.key)
    if not escalations:
        return Opened(audience(directory, server, alert.level, now))
    firsts: list[Audience] = []
    steps: list[StepRun] = []
    pagings: list[Paging] = []
    for escalation in escalations:
        runs, coming = run_due(directory, server, alert, escalation, begun(escalation, now), now)
        firsts.append(runs[0].present if runs else no_step(directory, server, alert.level, escalation, now))
        steps += runs[1:] if runs and runs[0].present.targets else runs
        pagings += [] if coming is None else [Paging(alert.id, escalation.id, coming)]
    present = together(firsts)
    return Opened(present, each_once(steps, present.targets), pagings)


def waiting(directory: Directory, server: Server, alert: Alert, now: datetime) -> list[Paging]:
    """Return where the escalations of *alert* stand while it is held back: at once due, and not begun."""
    escalations = escalations_of(directory, server, alert.key)
    return [Paging(alert.id, escalation.id, Progress(0, 0, now)) for escalation in escalations]


def run_due(
    directory: Directory, server: Server, alert: Alert, escalation: Escalation, progress: Progress, now: datetime
) -> tuple[list[StepRun], Progress | None]:
    """Run the steps that are due, and return them with what comes next."""
    found: list[Audience] = []

    def reach(step: Step | None) -> Sequence[Target]:
        found.append(step_audience(directory, server, alert.level, escalation, step, now))
        return found[-1].targets

    runs, coming = run(escalation, progress, now, reach)
    each = zip(runs, found, strict=True)
    return [StepRun(note_of(escalation, done), present) for done, present in each], coming


def each_once(steps: Iterable[StepRun], known: Iterable[Target]) -> list[StepRun]:
    """Return *steps* so that nobody gets two notifications at one moment, or a second one who is among *known*."""
    seen, found = set(known), []
    for step in steps:
        targets = [target for target in step.present.targets if target not in seen]
        seen.update(targets)
        found.append(step._replace(present=step.present._replace(targets=targets)))
    return found


def together(audiences: Iterable[Audience]) -> Audience:
    """Return them as one. A person is skipped only if none of them reaches them."""
    targets: dict[Target, None] = {}
    left_out: dict[Target, LeftOut] = {}
    delays: dict[Target, Delay] = {}
    called_by: dict[Target, EscalationId] = {}
    for each in audiences:
        targets |= dict.fromkeys(each.targets)
        left_out |= {Target.of(skipped): skipped for skipped in each.left_out}
        delays |= each.delays
        called_by |= each.called_by
    reached = {Target(target.user_id, target.channel_id) for target in targets}
    return Audience([*targets], tuple(one for who, one in left_out.items() if who not in reached), delays, called_by)


def everybody(directory: Directory, server: Server, alert: Alert, now: datetime) -> Audience:
    """Return whom *alert* may notify: without an escalation its recipients, else whom all steps reach."""
    escalations = escalations_of(directory, server, alert.key)
    if not escalations:
        return audience(directory, server, alert.level, now)
    return together(all_steps(directory, server, alert.level, escalation, now) for escalation in escalations)


def can_notify(directory: Directory, server: Server, alert: Alert, now: datetime) -> bool:
    """Tell whether somebody would be notified of *alert*, if only as the last resort."""
    if everybody(directory, server, alert, now).targets:
        return True
    escalations = escalations_of(directory, server, alert.key)
    return any(step_audience(directory, server, alert.level, each, None, now).targets for each in escalations)


def skipped(present: Audience, reason: Reason) -> tuple[LeftOut, ...]:
    """Return the recipients as people who are not notified for *reason*, and those who were skipped anyway."""
    recipients = dict.fromkeys(Target(target.user_id, target.channel_id) for target in present.targets)
    return (*(LeftOut(reason, each.user_id, each.channel_id) for each in recipients), *present.left_out)
