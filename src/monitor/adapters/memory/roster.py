"""What the roster in memory names, which may be deleted."""

from collections.abc import Iterable
from dataclasses import replace

from monitor.adapters.memory.state import State
from monitor.domain.accounts.actors import UserId
from monitor.domain.oncall.escalations import Target, TargetKind
from monitor.domain.oncall.roster import Roster


def roster_of(state: State) -> Roster:
    ways = {user_id: own for user_id, own in state.ways.items() if own}
    return Roster(rotas=dict(state.rotas), escalations=dict(state.escalations), ways=ways)


def replace_user(state: State, user_id: UserId, to: UserId | None = None) -> dict[str, int]:
    """Put *to* in the user's places in rotas and steps; None: nobody. Return how many of each changed."""
    rotas = state.rotas.where(lambda rota: user_id in rota.people)
    for rota in rotas:
        people = [to if each == user_id else each for each in rota.user_ids]
        overrides = [(to if each.user_id == user_id else each.user_id, each) for each in rota.overrides]
        left = tuple(replace(each, user_id=who) for who, each in overrides if who is not None)
        state.rotas.put(replace(rota, user_ids=tuple(each for each in people if each is not None), overrides=left))
    instead = None if to is None else Target(TargetKind.USER, to)
    return {"rotas": len(rotas), "escalations": replace_target(state, Target(TargetKind.USER, user_id), instead)}


def replace_target(state: State, target: Target, instead: Target | None = None) -> int:
    """Put *instead* in the places of what is gone in the steps that name it. Return how many escalations changed."""
    changed = 0
    for escalation in state.escalations.in_order():
        steps = tuple(replace(step, to=_replaced(step.to, target, instead)) for step in escalation.steps)
        if steps != escalation.steps:
            state.escalations.put(replace(escalation, steps=steps))
            changed += 1
    return changed


def _replaced(to: Iterable[Target], target: Target, instead: Target | None) -> tuple[Target, ...]:
    left = (instead if each == target else each for each in to)
    return tuple(dict.fromkeys(each for each in left if each is not None))
