"""/api/alert-policies."""

from collections.abc import Callable
from datetime import timedelta
from typing import TYPE_CHECKING, Annotated, Any, Literal, get_type_hints

from litestar import Controller, Response, delete, get, post, put
from litestar.params import FromQuery, JSONBody
from msgspec import UNSET, Meta, Struct, UnsetType, defstruct

from monitor.adapters.http.accounts.users import Text
from monitor.adapters.http.edge import cursors
from monitor.adapters.http.edge.bodies import Id, Named, PageLimit, PathId
from monitor.adapters.http.edge.envelope import Envelope, ok
from monitor.adapters.http.edge.mapping import LEVEL_OF, given, paged, shown
from monitor.adapters.http.edge.supplying import Part
from monitor.adapters.http.policies.scopes import ScopeIn, ScopeOut
from monitor.application.fleet.directory import Directory
from monitor.application.fleet.fleet import Fleet
from monitor.application.fleet.visibility import VisibleFleet
from monitor.application.policies.policies import CreatePolicy, DeletePolicy, UpdatePolicy, may_change, visible_policies
from monitor.domain.accounts.actors import Actor
from monitor.domain.levels import Level
from monitor.domain.policies.changing import checked_policy
from monitor.domain.policies.check_policies import in_order
from monitor.domain.policies.kinds.known import KINDS, kind_named
from monitor.domain.policies.policies import (
    DEFAULT_CLEAR_FOR,
    DEFAULT_CLEAR_MARGIN,
    DEFAULT_SUSTAINED_FOR,
    OWN_FIELDS,
    THRESHOLD,
    Direction,
    Policy,
    PolicyId,
    Scope,
)

DirectionName = Literal["above", "below"]
Seconds = Annotated[float, Meta(ge=0, le=7 * 86400)]
Threshold = Annotated[
    float | None, Meta(description="Of percents (cpu, memory, swap, disk, disk:/var) from 0 to 100; null: none.")
]
Over = Annotated[
    float | None,
    Meta(description="Of a forecast: seconds through which the line is drawn, 3600 to 86400. 86400 by default."),
]
Within = Annotated[
    float | None,
    Meta(
        description="Of a forecast: seconds within which the line has to reach a threshold, 3600 to 7776000. 172800 by "
        "default."
    ),
]
Days = Annotated[int | None, Meta(description="Of a range: how many days it spans, 1 to 30. 7 by default.")]
Beyond = Annotated[
    float | None,
    Meta(
        description="Of a range: how far outside a value has to be, as a part of the span between the least and the "
        "greatest, 0 to 10. 0.5 by default."
    ),
]
LevelOfRange = Annotated[
    Literal["warning", "critical"] | None, Meta(description="Of a range: its level. `warning` by default.")
]
Note = Annotated[str, Meta(description="What to do, in Markdown: shown with the alert and in its mail.")]
EscalationOf = Annotated[
    Id | None, Meta(description="Who is notified; null: as the server's teams say, or the people linked to it.")
]
ClearMargin = Annotated[
    float | None,
    Meta(
        description="By default, or null: 5 for percents, else a tenth of the span between the thresholds, or of the "
        "one there is; less where no value could clear that."
    ),
]


if TYPE_CHECKING:
    KindName = str
else:

    class KindName(Named):
        known = KINDS


class NewPolicy(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    metric: Text
    warning: Threshold = None
    critical: Threshold = None
    direction: DirectionName = "above"
    sustained_for: Seconds = DEFAULT_SUSTAINED_FOR.total_seconds()
    clear_margin: ClearMargin = None
    clear_for: Seconds = DEFAULT_CLEAR_FOR.total_seconds()
    scope: ScopeIn = ScopeIn()
    enabled: bool = True
    kind: KindName = THRESHOLD.name
    over: Over = None
    within: Within = None
    days: Days = None
    beyond: Beyond = None
    level: LevelOfRange = None
    note: Note = ""
    escalation_id: EscalationOf = None

    def to_domain(self, visible: VisibleFleet) -> Policy:
        """Raises InvalidInput."""
        margin = DEFAULT_CLEAR_MARGIN if self.clear_margin is None else self.clear_margin
        return Policy(**_policy_fields(self, visible) | {"clear_margin": margin})


if TYPE_CHECKING:
    PolicyChange = NewPolicy
    _Stored = Struct
else:  # all of it may be left out
    _FIELDS = [(n, form | UnsetType, UNSET) for n, form in get_type_hints(NewPolicy, include_extras=True).items()]
    PolicyChange = defstruct("PolicyChange", _FIELDS, frozen=True, forbid_unknown_fields=True, kw_only=True)
    _STORED = get_type_hints(NewPolicy) | {"clear_margin": float, "scope": ScopeOut}
    _Stored = defstruct("_Stored", [("id", int), *_STORED.items()], frozen=True, kw_only=True)


class PolicyOut(_Stored, frozen=True, kw_only=True):
    @staticmethod
    def of(policy: Policy, directory: Directory) -> "PolicyOut":
        return shown(PolicyOut, policy, kind=policy.kind.name, scope=ScopeOut.of(policy.scope, directory))


def _policy_fields(body: NewPolicy, visible: VisibleFleet) -> dict[str, Any]:
    """Return what the client sent, by the names of Policy's fields."""

    def scope_of(scope: ScopeIn) -> Scope:
        return scope.to_domain(visible)

    own = {name: _READ[form] for name, form in OWN_FIELDS.items() if form in _READ}
    spans = {"sustained_for": _seconds, "clear_for": _seconds}
    return given(body, direction=Direction, kind=kind_named, scope=scope_of, note=_lines, **own | spans)


def _seconds(number: float | None) -> timedelta | None:
    """Return the longest span for too many seconds, which the policy then refuses."""
    try:
        return None if number is None else timedelta(seconds=number)
    except OverflowError:
        return timedelta.max


_READ: dict[type, Callable[[Any], object]] = {timedelta: _seconds, Level: LEVEL_OF.get}


def _lines(note: str) -> str:
    return note.replace("\r\n", "\n").strip()


class PolicyReach(Struct, frozen=True, kw_only=True):
    """What is not in `PolicyOut`, which clients send back.

    *may_change*: whether the caller may change the policy. *place*: of those on one metric and of one kind, the policy
    with the lowest that covers a server applies to it. *usual_margin*: the `clear_margin` that its thresholds have by
    default.
    """

    policy_id: int
    servers: int
    may_change: bool
    place: int
    usual_margin: float


class PolicyController(Controller):
    path = "/alert-policies"
    tags = ("alerts",)

    @get("/", sync_to_thread=True)
    def list_policies(
        self, actor: Part[Actor], fleet: Part[Fleet], limit: PageLimit = None, cursor: FromQuery[str | None] = None
    ) -> Response[Envelope[list[PolicyOut]]]:
        """Policies for everything, and those for a server that the caller may see; a page of them with `limit`."""
        visible, after = fleet.visible_to(actor), cursors.to_id(cursor) or 0
        policies = [policy for policy in visible_policies(visible) if policy.id > after]
        return paged(policies, limit, lambda policy: PolicyOut.of(policy, visible.directory))

    @get("/reach", sync_to_thread=True)
    def reach(self, actor: Part[Actor], fleet: Part[Fleet]) -> Envelope[list[PolicyReach]]:
        """For each policy of the list on how many of the caller's servers it decides: a more specific one goes before
        it, and a disabled one switches its metric off."""
        visible = fleet.visible_to(actor)
        policies, reached = visible_policies(visible), visible.directory.rules.reach(visible.servers)
        ordered = in_order(policies, visible.directory.checks)
        places = {policy.id: place for place, policy in enumerate(ordered, 1)}
        return ok(
            [
                PolicyReach(
                    policy_id=policy.id,
                    servers=reached.get(policy.id, 0),
                    may_change=may_change(visible, policy.scope),
                    place=places[policy.id],
                    usual_margin=policy.kind.usual_margin(policy),
                )
                for policy in policies
            ]
        )

    @post("/", status_code=200, sync_to_thread=True)
    def create(
        self, actor: Part[Actor], data: JSONBody[NewPolicy], create_policy: Part[CreatePolicy], fleet: Part[Fleet]
    ) -> Envelope[PolicyOut]:
        """Create a policy. 409 if there is one for its metric, kind and scope. A disabled one switches its metric off.

        A `threshold` compares each value. A `forecast` compares what a line through the last `over` reaches within
        `within`; it is silent until half of `over` has samples. A `range` has no thresholds: it fires if a value is
        outside the least and the greatest of the last `days`, without the newest six hours, by more than `beyond` of
        that span; it resolves within them again, and is silent until half of the hours have samples.
        """
        policy = create_policy(actor, data.to_domain(fleet.visible_to(actor)))
        return ok(PolicyOut.of(policy, fleet.directory), "created")

    @post("/preview", status_code=200, sync_to_thread=True)
    def preview(self, actor: Part[Actor], data: JSONBody[NewPolicy], fleet: Part[Fleet]) -> Envelope[PolicyOut]:
        """Say what the policy would be, with its margin and what else it has by default, or what is wrong with it.
        Creates nothing; its id is 0."""
        visible = fleet.visible_to(actor)
        policy = checked_policy(data.to_domain(visible))
        if policy.scope.server_id is not None:
            visible.get(policy.scope.server_id)
        return ok(PolicyOut.of(policy, visible.directory))

    @put("/{policy_id:int}", sync_to_thread=True)
    def change(
        self,
        actor: Part[Actor],
        policy_id: PathId,
        data: JSONBody[PolicyChange],
        update_policy: Part[UpdatePolicy],
        fleet: Part[Fleet],
    ) -> Envelope[PolicyOut]:
        """Change the given fields. A margin that no value could clear any more becomes the default. Open alerts of the
        policy are cancelled."""
        changes = _policy_fields(data, fleet.visible_to(actor))
        policy = update_policy(actor, PolicyId(policy_id), **changes)
        return ok(PolicyOut.of(policy, fleet.directory), "updated")

    @delete("/{policy_id:int}", status_code=200, sync_to_thread=True)
    def remove(self, actor: Part[Actor], policy_id: PathId, delete_policy: Part[DeletePolicy]) -> Envelope[None]:
        """Delete a policy. Its open alerts are cancelled."""
        delete_policy(actor, PolicyId(policy_id))
        return ok(None, "deleted")
