"""What the roster in memory names, which may be deleted."""

from dataclasses import replace

from monitor.adapters.memory.state import State
from monitor.domain.accounts.actors import UserId
from monitor.domain.oncall.escalations import Target, TargetKind
from monitor.domain.oncall.roster import Roster


def roster_of(state: State) -> Roster:
    ways = {user_id: own for user_id, own in state.ways.items() if own}
    return Roster(rotas=dict(state.rotas), escalations=dict(state.escalations), ways=ways)


def forget_user(state: State, user_id: UserId) -> None:
    """Take a user out of rotas and steps."""
    for rota in state.rotas.in_order():
        left = replace(
            rota,
            user_ids=tuple(each for each in rota.user_ids if each != user_id),
            overrides=tuple(each for each in rota.overrides if each.user_id != user_id),
        )
        if left != rota:
            state.rotas.put(left)
    forget_target(state, Target(TargetKind.USER, user_id))


def forget_target(state: State, target: Target) -> None:
    """Take what is deleted out of the steps that name it."""
    for escalation in state.escalations.in_order():
        steps = tuple(replace(step, to=tuple(each for each in step.to if each != target)) for step in escalation.steps)
        if steps != escalation.steps:
            state.escalations.put(replace(escalation, steps=steps))
