"""All kinds of policies, by name. A new one is a line here."""

from monitor.domain.errors import InvalidInput, Problem
from monitor.domain.policies.kinds.forecast import FORECAST
from monitor.domain.policies.kinds.range import RANGE
from monitor.domain.policies.policies import THRESHOLD, PolicyKind, WatchKey

KINDS: dict[str, PolicyKind] = {kind.name: kind for kind in (THRESHOLD, FORECAST, RANGE)}


def kind_named(name: str) -> PolicyKind:
    """Raises InvalidInput."""
    if name not in KINDS:
        raise InvalidInput({"kind": Problem("invalid_choice")})
    return KINDS[name]


def split_key(key: WatchKey) -> tuple[str, PolicyKind]:
    metric, _, mark = key.partition("@")
    return metric, KINDS[mark] if mark else THRESHOLD
