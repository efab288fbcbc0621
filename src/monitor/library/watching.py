"""Policies and silences."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from monitor.application.policies.policies import CreatePolicy, DeletePolicy, UpdatePolicy, visible_policies
from monitor.application.policies.silences import CreateSilence, DeleteSilence, EndSilence, visible_silences
from monitor.domain.errors import NotFound
from monitor.domain.levels import Level
from monitor.domain.policies.kinds.forecast import FORECAST
from monitor.domain.policies.kinds.range import RANGE
from monitor.domain.policies.policies import (
    DEFAULT_CLEAR_FOR,
    DEFAULT_CLEAR_MARGIN,
    DEFAULT_SUSTAINED_FOR,
    OFFLINE,
    THRESHOLD,
    Direction,
    Policy,
    PolicyKind,
    Scope,
)
from monitor.domain.policies.silences import Silence
from monitor.library.asked import Group, Named, aware

EVERYTHING = Scope()


@dataclass(frozen=True, kw_only=True)
class Watch:
    """What all kinds of policies have. *sustained_for*: how long a breach must last. *clear_margin*, *clear_for*: how
    far back, and how long, a value must be for the alert to end. *tags*: of the servers that it covers; *server*: the
    only one (a server, check or check-in); neither: all. *note*: what to do, in Markdown."""

    sustained_for: timedelta = DEFAULT_SUSTAINED_FOR
    clear_margin: float = DEFAULT_CLEAR_MARGIN
    clear_for: timedelta = DEFAULT_CLEAR_FOR
    tags: Sequence[str] = ()
    server: Named | None = None
    note: str = ""
    enabled: bool = True

    def policy(self, scope: Scope = EVERYTHING) -> Policy:
        """Return the policy for *scope*. Raises InvalidInput."""
        raise NotImplementedError

    def _common(self, scope: Scope) -> dict[str, Any]:
        names = ("sustained_for", "clear_margin", "clear_for", "note", "enabled")
        return {name: getattr(self, name) for name in names} | {"scope": scope}


@dataclass(frozen=True)
class Threshold(Watch):
    """An alert while the values of a metric reach a threshold. *below*: or fall to it.

    >>> Threshold("cpu", warning=80, critical=95, tags=["web"]).metric
    'cpu'
    """

    metric: str
    warning: float | None = None
    critical: float | None = None
    below: bool = False

    def policy(self, scope: Scope = EVERYTHING) -> Policy:
        direction = Direction.BELOW if self.below else Direction.ABOVE
        return Policy(**self._own(THRESHOLD), direction=direction, **self._common(scope))

    def _own(self, kind: PolicyKind) -> dict[str, Any]:
        return {"metric": self.metric, "warning": self.warning, "critical": self.critical, "kind": kind}


@dataclass(frozen=True)
class Forecast(Threshold):
    """An alert while a line through the values of the last time *over* reaches a threshold *within* a time.

    >>> Forecast("disk", warning=100, within=timedelta(days=3)).within.days
    3
    """

    over: timedelta | None = None
    within: timedelta | None = None

    def policy(self, scope: Scope = EVERYTHING) -> Policy:
        direction = Direction.BELOW if self.below else Direction.ABOVE
        own = self._own(FORECAST)
        return Policy(**own, over=self.over, within=self.within, direction=direction, **self._common(scope))


@dataclass(frozen=True)
class Range(Watch):
    """An alert while values are *beyond* what was usual at this hour in the last *days*, as a share of that range.

    >>> Range("load1", days=14, beyond=0.5).days
    14
    """

    metric: str
    days: int | None = None
    beyond: float | None = None
    level: Level | None = None

    def policy(self, scope: Scope = EVERYTHING) -> Policy:
        own = {"metric": self.metric, "kind": RANGE, "days": self.days, "beyond": self.beyond, "level": self.level}
        return Policy(**own, **self._common(scope))  # type: ignore[arg-type]


@dataclass(frozen=True)
class Offline(Watch):
    """An alert while a server does not report.

    >>> Offline(tags=["web"]).tags
    ['web']
    """

    def policy(self, scope: Scope = EVERYTHING) -> Policy:
        common = {"scope": scope, "note": self.note, "enabled": self.enabled}
        return Policy(metric=OFFLINE, **common)  # type: ignore[arg-type]


class Policies(Group):
    """`core.policies`: what alerts. The one for a server goes before that for a tag, and that before one for all."""

    def add(self, watch: Watch) -> Policy:
        """Create a policy. Raises InvalidInput, NotFound, Forbidden, Conflict if there is one for the same."""
        policy = watch.policy(self._scope(watch.server, watch.tags))
        with self._working() as container:
            return container.get(CreatePolicy)(self.actor, policy)

    def get(self, policy: int | Policy) -> Policy:
        """Return a policy as it is now. Raises NotFound."""
        wanted = policy.id if isinstance(policy, Policy) else policy
        found = next((each for each in self.list() if each.id == wanted), None)
        if found is None:
            raise NotFound
        return found

    def list(self) -> list[Policy]:
        """Return the policies that cover something visible, in id order."""
        with self._working() as container:
            return [*visible_policies(container.fleet.visible_to(self.actor))]

    def change(self, policy: int | Policy, **changes: Any) -> Policy:
        """Change fields of a policy, such as *warning*, and return it. Raises InvalidInput, NotFound, Forbidden."""
        found = self.get(policy)
        with self._working() as container:
            return container.get(UpdatePolicy)(self.actor, found.id, **changes)

    def remove(self, policy: int | Policy) -> None:
        """Delete a policy, and cancel what fires by it alone. Raises NotFound, Forbidden."""
        found = self.get(policy)
        with self._working() as container:
            container.get(DeletePolicy)(self.actor, found.id)


class Silences(Group):
    """`core.silences`: times in which nobody is notified."""

    def add(
        self,
        ends_at: datetime,
        *,
        server: Named | None = None,
        tag: str | None = None,
        metric: str | None = None,
        starts_at: datetime | None = None,
        reason: str = "",
    ) -> Silence:
        """Hold back notifications until *ends_at*, of a server, of all with a tag, or of all. *metric*: of it alone.

        *starts_at*: by default now. Raises InvalidInput, NotFound, Forbidden.
        """
        scope = self._scope(server, [] if tag is None else [tag])
        with self._working() as container:
            now = container.clock.now()
            silence = Silence(
                scope=scope,
                metric=metric,
                starts_at=now if starts_at is None else aware("starts_at", starts_at),
                ends_at=aware("ends_at", ends_at),
                reason=reason,
                created_at=now,
            )
            return container.get(CreateSilence)(self.actor, silence)

    def list(self) -> list[Silence]:
        """Return silences that cover something visible, past ones too, in id order."""
        with self._working() as container:
            return [*visible_silences(container.fleet.visible_to(self.actor))]

    def end(self, silence: Silence) -> Silence:
        """End a silence now; what it held back and still fires is sent. Raises NotFound, Conflict before it began."""
        with self._working() as container:
            return container.get(EndSilence)(self.actor, silence.id)

    def remove(self, silence: Silence) -> None:
        """Delete a silence, as if it had never been. Raises NotFound, Forbidden."""
        with self._working() as container:
            container.get(DeleteSilence)(self.actor, silence.id)
