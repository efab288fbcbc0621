"""What policies know of a series besides its values: the line of a forecast, or a range."""

from monitor.domain.alerts.forecast import Forecast
from monitor.domain.alerts.policies import Policy, PolicyKind
from monitor.domain.alerts.ranges import Range

Outlook = Forecast | Range


def outlook_of(policy: Policy) -> Outlook | None:
    """Return what *policy* looks at, before it has seen a sample; None if that is each value alone."""
    match policy.kind:
        case PolicyKind.THRESHOLD:
            return None
        case PolicyKind.FORECAST:
            return Forecast(policy)
        case PolicyKind.RANGE:
            return Range(policy)
