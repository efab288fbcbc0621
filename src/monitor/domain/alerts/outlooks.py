"""What policies know of a series besides its values: the line of a forecast, or a range."""

from collections.abc import Sequence

from monitor.domain.alerts.forecast import Forecast
from monitor.domain.alerts.policies import Policy, PolicyKind
from monitor.domain.alerts.ranges import Extremes, Range

Outlook = Forecast | Range


def outlook_of(policy: Policy, hours: Sequence[Extremes] = ()) -> Outlook | None:
    """Return what *policy* looks at, before it has seen a sample; None if that is each value alone.

    *hours*: what a range knows before.
    """
    match policy.kind:
        case PolicyKind.THRESHOLD:
            return None
        case PolicyKind.FORECAST:
            return Forecast(policy)
        case PolicyKind.RANGE:
            outlook = Range(policy)
            outlook.learn(hours)
            return outlook
