"""/api/on-call/reach: by which ways people can be reached, and when they last confirmed one."""

from litestar import Response, get
from msgspec import Struct

from monitor.adapters.http.edge.envelope import Envelope
from monitor.adapters.http.edge.mapping import LevelName, encoded, shown
from monitor.adapters.http.edge.supplying import Part
from monitor.application.oncall.reach import ShowReach
from monitor.domain.accounts.actors import Actor


class ReachWayOut(Struct, frozen=True, kw_only=True):
    """*after*: seconds after the page. *failed*: why the last message could not be sent; null if it was."""

    kind: str
    level: LevelName
    after: float
    confirmed_at: str | None
    failed: str | None


class ReachOut(Struct, frozen=True, kw_only=True):
    """*confirmed_at*: when they last confirmed a message, by any way. *on_call_next*: when their present or next turn
    begins; null: none within three months."""

    user_id: int
    username: str
    ways: list[ReachWayOut]
    confirmed_at: str | None
    on_call_next: str | None


@get("/on-call/reach", tags=("alerts",), sync_to_thread=True)
def reach(actor: Part[Actor], show_reach: Part[ShowReach]) -> Response[Envelope[list[ReachOut]]]:
    """Everybody by name for administrators, and the caller alone for others."""
    return encoded(
        [
            shown(
                ReachOut,
                each,
                user_id=each.user.id,
                username=each.user.username,
                ways=[shown(ReachWayOut, way, failed=way.failed or None) for way in each.ways],
            )
            for each in show_reach(actor)
        ]
    )
