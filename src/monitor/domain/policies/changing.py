"""Rules for new and changed policies. Stored ones may be older than these."""

from dataclasses import replace
from typing import Any

from monitor.domain.errors import InvalidInput, Problem
from monitor.domain.intake.metrics import bounds, is_percent
from monitor.domain.policies.policies import DEFAULT_CLEAR_MARGIN, OWN_FIELDS, Policy

_CHECKED = ("metric", "kind", "warning", "critical", "direction", "clear_margin", *OWN_FIELDS)


def checked_policy(policy: Policy) -> Policy:
    """Return *policy* if its metric can reach its thresholds and clear its margin. Raises InvalidInput."""
    low, high = bounds(policy.metric)
    problems = {
        name: Problem("out_of_range", {"low": int(low), "high": int(high)})
        for name in ("warning", "critical")
        if is_percent(policy.metric) and (value := getattr(policy, name)) is not None and not low <= value <= high
    }
    if not problems and policy.margin_is_too_wide:
        problems["clear_margin"] = Problem("never_clears")
    if problems:
        raise InvalidInput(problems)
    return policy


def changed(policy: Policy, **changes: Any) -> Policy:
    """Return *policy* with *changes* by the names of its fields. Raises InvalidInput.

    A margin that no value could clear any more becomes the default, unless it is among the changes. A stored policy
    that breaks the rules can be disabled: the rules apply to changes of its thresholds and margin.
    """
    if changes.get("kind", policy.kind) is not policy.kind:
        changes = {**dict.fromkeys(OWN_FIELDS), "clear_margin": DEFAULT_CLEAR_MARGIN, **changes}
    after = replace(policy, **changes)
    if all(getattr(after, name) == getattr(policy, name) for name in _CHECKED):
        return after
    if "clear_margin" not in changes and after.margin_is_too_wide:
        after = replace(after, clear_margin=DEFAULT_CLEAR_MARGIN)
    return checked_policy(after)
