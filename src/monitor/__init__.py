"""Server monitoring as a library. `__all__` is what it promises: see docs/library.md.

Names are imported at their first use, so that the agent, which is part of this package, stays small.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from monitor import errors
    from monitor.adapters.memory.fakes import FixedClock
    from monitor.application.incidents.ports import ShownIncident as Incident
    from monitor.application.intake.store_samples import Outcome
    from monitor.domain.accounts.users import User
    from monitor.domain.alerts.alert import Alert
    from monitor.domain.checks.checks import Check
    from monitor.domain.fleet.servers import Server
    from monitor.domain.history.series import Series
    from monitor.domain.levels import Level
    from monitor.domain.notifications.channels import Channel
    from monitor.domain.oncall.rotas import Rota
    from monitor.domain.policies.policies import Policy
    from monitor.domain.policies.silences import Silence
    from monitor.library.backtests import PastAlert, backtest
    from monitor.library.channels import SentItem
    from monitor.library.core import Core, Reading, in_memory, open  # noqa: A004 (as `io.open`)
    from monitor.library.hearing import AlertEvent
    from monitor.library.watching import Forecast, Offline, Range, Threshold

_MODULES = {
    "Alert": "monitor.domain.alerts.alert",
    "AlertEvent": "monitor.library.hearing",
    "Channel": "monitor.domain.notifications.channels",
    "Check": "monitor.domain.checks.checks",
    "Core": "monitor.library.core",
    "FixedClock": "monitor.adapters.memory.fakes",
    "Forecast": "monitor.library.watching",
    "Incident": "monitor.application.incidents.ports:ShownIncident",
    "Level": "monitor.domain.levels",
    "Offline": "monitor.library.watching",
    "Outcome": "monitor.application.intake.store_samples",
    "PastAlert": "monitor.library.backtests",
    "Policy": "monitor.domain.policies.policies",
    "Range": "monitor.library.watching",
    "Reading": "monitor.library.core",
    "Rota": "monitor.domain.oncall.rotas",
    "SentItem": "monitor.library.channels",
    "Series": "monitor.domain.history.series",
    "Server": "monitor.domain.fleet.servers",
    "Silence": "monitor.domain.policies.silences",
    "Threshold": "monitor.library.watching",
    "User": "monitor.domain.accounts.users",
    "backtest": "monitor.library.backtests",
    "errors": "monitor.errors",
    "in_memory": "monitor.library.core",
    "open": "monitor.library.core",
}
"""Where each is, and after a colon its name there if that is another."""

__all__ = [
    "Alert",
    "AlertEvent",
    "Channel",
    "Check",
    "Core",
    "FixedClock",
    "Forecast",
    "Incident",
    "Level",
    "Offline",
    "Outcome",
    "PastAlert",
    "Policy",
    "Range",
    "Reading",
    "Rota",
    "SentItem",
    "Series",
    "Server",
    "Silence",
    "Threshold",
    "User",
    "backtest",
    "errors",
    "in_memory",
    "open",
]


def __getattr__(name: str) -> Any:
    if name not in _MODULES:
        raise AttributeError(f"module 'monitor' has no attribute {name!r}")
    module, _, own = _MODULES[name].partition(":")
    found = import_module(module)
    return found if name == "errors" else getattr(found, own or name)
