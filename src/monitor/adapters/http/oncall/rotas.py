"""/api/rotas: rotas and their overrides."""

from typing import Annotated

from litestar import Controller, Response, delete, get, post, put
from litestar.params import FromQuery, JSONBody, QueryParameter
from msgspec import UNSET, Meta, Struct, UnsetType, field

from monitor.adapters.http.accounts.users import Text, UserOption
from monitor.adapters.http.edge.bodies import MAX_ID, Id, PathId
from monitor.adapters.http.edge.envelope import Envelope, ok
from monitor.adapters.http.edge.mapping import each_of, encoded, shown
from monitor.adapters.http.edge.supplying import Part
from monitor.adapters.http.edge.times import parsed
from monitor.application.fleet.fleet import Fleet
from monitor.application.oncall.calendars import Calendars
from monitor.application.oncall.rotas import ManageRotas
from monitor.domain.accounts.actors import Actor, UserId
from monitor.domain.oncall.rotas import (
    DAY_NAMES,
    MAX_HOURS,
    MAX_OVERRIDES,
    MAX_USERS,
    DayName,
    Hours,
    Override,
    Rota,
    RotaId,
)
from monitor.domain.times import clock_time


class HoursBody(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Local times, HH:MM. *to*: on the next day if it is not after *from*."""

    days: Annotated[list[DayName], Meta(min_length=1, max_length=7)]
    from_: Text = field(name="from")
    to: Text

    def to_domain(self) -> Hours:
        """Raises InvalidInput."""
        weekdays = frozenset(map(DAY_NAMES.index, self.days))
        return Hours(weekdays, clock_time("from", self.from_), clock_time("to", self.to))

    @staticmethod
    def of(hours: Hours) -> "HoursBody":
        days = [DAY_NAMES[day] for day in sorted(hours.weekdays)]
        return HoursBody(days=days, from_=f"{hours.starts:%H:%M}", to=f"{hours.ends:%H:%M}")


class OverrideBody(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Within the rota's hours this person is on call, unless they are away. Of two, the later in the list applies."""

    user_id: Id
    starts_at: Text
    ends_at: Text

    def to_domain(self) -> Override:
        """Raises InvalidInput."""
        return Override(UserId(self.user_id), parsed(self.starts_at, "starts_at"), parsed(self.ends_at, "ends_at"))


class TurnBody(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    days: int


class NewRota(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """*starts_at*: UTC; every `turn.days` at its local time the next of *user_ids* is on call. *hours*: null for
    always. Days without hours count for no turn. Left out of a change, *overrides* stay."""

    name: Text
    timezone: Text
    starts_at: Text
    turn: TurnBody = TurnBody(days=7)
    hours: Annotated[list[HoursBody], Meta(max_length=MAX_HOURS)] | None = None
    user_ids: Annotated[list[Id], Meta(max_length=MAX_USERS)]
    overrides: Annotated[list[OverrideBody], Meta(max_length=MAX_OVERRIDES)] | UnsetType = UNSET

    def to_domain(self, rota_id: RotaId = RotaId(0)) -> Rota:
        """Raises InvalidInput."""
        overrides = () if self.overrides is UNSET else self.overrides
        return Rota(
            id=rota_id,
            name=self.name,
            timezone=self.timezone,
            starts_at=parsed(self.starts_at, "starts_at"),
            turn_days=self.turn.days,
            hours=None if self.hours is None else each_of("hours", self.hours, HoursBody.to_domain),
            user_ids=tuple(map(UserId, self.user_ids)),
            overrides=each_of("overrides", overrides, OverrideBody.to_domain),
        )


class RotaOut(Struct, frozen=True, kw_only=True):
    """*users*: names of its members and of people of overrides. *ics_path*: of a file for calendars. Its token is
    secret: the file needs no log-in."""

    id: int
    name: str
    timezone: str
    starts_at: str
    turn: TurnBody
    hours: list[HoursBody] | None
    user_ids: list[int]
    overrides: list[OverrideBody]
    users: list[UserOption]
    ics_path: str

    @staticmethod
    def of(rota: Rota, calendars: Calendars) -> "RotaOut":
        names = calendars.fleet.directory.users
        return shown(
            RotaOut,
            rota,
            turn=TurnBody(days=rota.turn_days),
            hours=None if rota.hours is None else list(map(HoursBody.of, rota.hours)),
            user_ids=list(rota.user_ids),
            overrides=[shown(OverrideBody, each) for each in rota.overrides],
            users=[UserOption(each, names[each].username) for each in sorted(rota.people) if each in names],
            ics_path=f"/api/rotas/{rota.id}.ics?token={calendars.token(rota.id)}",
        )


class RotaController(Controller):
    path = "/rotas"
    tags = ("on call",)

    @get("/", sync_to_thread=True)
    def list_rotas(self, calendars: Part[Calendars]) -> Response[Envelope[list[RotaOut]]]:
        calendars.fleet.refresh()
        return encoded([RotaOut.of(rota, calendars) for rota in calendars.fleet.directory.roster.rotas.values()])

    @post("/", status_code=200, sync_to_thread=True)
    def create(
        self,
        actor: Part[Actor],
        data: JSONBody[NewRota],
        manage_rotas: Part[ManageRotas],
        calendars: Part[Calendars],
        fleet: Part[Fleet],
    ) -> Envelope[RotaOut]:
        fleet.refresh()
        rota = manage_rotas.create(actor, data.to_domain())
        return ok(RotaOut.of(rota, calendars), "created")

    @put("/{rota_id:int}", sync_to_thread=True)
    def change(
        self,
        actor: Part[Actor],
        rota_id: PathId,
        data: JSONBody[NewRota],
        manage_rotas: Part[ManageRotas],
        calendars: Part[Calendars],
    ) -> Envelope[RotaOut]:
        """Replaces the whole rota; its overrides, if there are any in the body."""
        keeps = data.overrides is UNSET
        rota = manage_rotas.change(actor, data.to_domain(RotaId(rota_id)), keeps_overrides=keeps)
        return ok(RotaOut.of(rota, calendars), "updated")

    @delete("/{rota_id:int}", status_code=200, sync_to_thread=True)
    def remove(self, actor: Part[Actor], rota_id: PathId, manage_rotas: Part[ManageRotas]) -> Envelope[None]:
        """It is no target of a step any more."""
        manage_rotas.delete(actor, RotaId(rota_id))
        return ok(None, "deleted")

    @post("/{rota_id:int}/overrides", status_code=200, sync_to_thread=True)
    def add_override(
        self,
        actor: Part[Actor],
        rota_id: PathId,
        data: JSONBody[OverrideBody],
        manage_rotas: Part[ManageRotas],
        calendars: Part[Calendars],
    ) -> Envelope[RotaOut]:
        """Members give their own turns to other members; administrators may do more. What is over of it is cut off."""
        rota = manage_rotas.add_override(actor, RotaId(rota_id), data.to_domain())
        return ok(RotaOut.of(rota, calendars), "created")

    @delete("/{rota_id:int}/overrides", status_code=200, sync_to_thread=True)
    def end_override(
        self,
        actor: Part[Actor],
        rota_id: PathId,
        user_id: Annotated[int, QueryParameter(ge=1, le=MAX_ID)],
        starts_at: FromQuery[str],
        ends_at: FromQuery[str],
        manage_rotas: Part[ManageRotas],
        calendars: Part[Calendars],
    ) -> Envelope[RotaOut]:
        """End the override with these values now, or remove it if it has not begun. Members end those of their own
        turns."""
        override = Override(UserId(user_id), parsed(starts_at, "starts_at"), parsed(ends_at, "ends_at"))
        rota = manage_rotas.end_override(actor, RotaId(rota_id), override)
        return ok(RotaOut.of(rota, calendars), "deleted")
