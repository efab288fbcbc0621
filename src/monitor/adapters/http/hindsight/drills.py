"""/api/alerts/drill: an alert that is none, to see whom it wakes."""

from litestar import Controller, get, post
from litestar.params import JSONBody
from msgspec import Struct

from monitor.adapters.http.edge.bodies import Id, PathId
from monitor.adapters.http.edge.envelope import Envelope, ok
from monitor.adapters.http.edge.mapping import only_one, shown
from monitor.adapters.http.edge.supplying import Part
from monitor.adapters.http.edge.times import written
from monitor.adapters.http.hindsight.explaining import RecipientOut
from monitor.application.hindsight.drills import LASTS, Confirmation, Drill, ReadDrill, StartDrill
from monitor.domain.accounts.actors import Actor
from monitor.domain.alerts.alert import AlertId, AlertState
from monitor.domain.fleet.servers import ServerId
from monitor.domain.oncall.rotas import RotaId


class NewDrill(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Exactly one of the two."""

    server_id: Id | None = None
    rota_id: Id | None = None


class DrillRecipientOut(RecipientOut, frozen=True, kw_only=True):
    """*confirmed_by*: the kind of the way; null: on the screen, or not yet."""

    confirmed_at: str | None
    confirmed_by: str | None

    @staticmethod
    def of_drill(found: Confirmation) -> "DrillRecipientOut":
        at = None if found.confirmed_at is None else written(found.confirmed_at)
        return shown(DrillRecipientOut, RecipientOut.of(found.recipient), confirmed_at=at, confirmed_by=found.by)


class DrillOut(Struct, frozen=True, kw_only=True):
    """*id*: of its alert. *ends_at*: at the latest."""

    id: int
    server_id: int
    server_name: str
    state: AlertState
    fired_at: str
    ends_at: str
    resolved_at: str | None
    acknowledged_at: str | None
    recipients: list[DrillRecipientOut]

    @staticmethod
    def of(drill: Drill) -> "DrillOut":
        return shown(
            DrillOut,
            drill.alert,
            server_name=drill.server.name,
            ends_at=written(drill.alert.fired_at + LASTS),
            recipients=[DrillRecipientOut.of_drill(each) for each in drill.recipients],
        )


class DrillController(Controller):
    path = "/alerts/drill"
    tags = ("alerts",)

    @post("/", status_code=200, sync_to_thread=True)
    def start(
        self, actor: Part[Actor], data: JSONBody[NewDrill], start_drill: Part[StartDrill], read_drill: Part[ReadDrill]
    ) -> Envelope[DrillOut]:
        """Raise one critical alert that says that it is a drill, up the escalation. It ends when somebody acknowledges
        it, or after an hour. Of a rota: on a server whose team's escalation calls it; needs an administrator."""
        only_one(data, "server_id")
        server_id = None if data.server_id is None else ServerId(data.server_id)
        alert = start_drill(actor, server_id, None if data.rota_id is None else RotaId(data.rota_id))
        return ok(DrillOut.of(read_drill(actor, alert.id)), "created")

    @get("/{drill_id:int}", sync_to_thread=True)
    def report(self, actor: Part[Actor], drill_id: PathId, read_drill: Part[ReadDrill]) -> Envelope[DrillOut]:
        """Say who was notified, and who confirmed it when, by which way."""
        return ok(DrillOut.of(read_drill(actor, AlertId(drill_id))))
