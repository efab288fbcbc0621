"""/api/on-call, and who is on call of one rota: as a list, and as a file for calendars."""

import re
from hashlib import sha256
from typing import Annotated

from litestar import Response, get
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import FromQuery, PathParameter
from msgspec import Struct

from monitor.adapters.http.edge.authentication import ANONYMOUS
from monitor.adapters.http.edge.bodies import SAME, IfNoneMatch, PathId, is_known
from monitor.adapters.http.edge.envelope import Envelope, ok
from monitor.adapters.http.edge.mapping import encoded, shown
from monitor.adapters.http.edge.supplying import Part
from monitor.adapters.http.edge.times import parsed
from monitor.application.fleet.directory import Directory
from monitor.application.oncall.calendars import Calendars, File
from monitor.domain.errors import NotFound
from monitor.domain.oncall.rotas import RotaId, Shift

MEDIA_TYPE = "text/calendar"
_FILE = ResponseSpec(str, generate_examples=False, media_type=MEDIA_TYPE, description="The file")
_NAME = re.compile(r"^[1-9][0-9]{0,9}\.ics$")


class ShiftOut(Struct, frozen=True, kw_only=True):
    user_id: int
    username: str
    starts_at: str
    ends_at: str

    @staticmethod
    def of(shift: Shift, directory: Directory) -> "ShiftOut":
        return shown(ShiftOut, shift, username=_username(shift, directory))


class OnCallOut(Struct, frozen=True, kw_only=True):
    """*now*: null if nobody is on call. *next*: the first shift that begins later, within 400 days."""

    rota_id: int
    name: str
    now: ShiftOut | None
    next: ShiftOut | None


@get("/on-call", tags=("on call",), sync_to_thread=True)
def on_call(calendars: Part[Calendars]) -> Envelope[list[OnCallOut]]:
    """Who is on call now in each rota, and who is next."""
    return ok(
        [
            OnCallOut(
                rota_id=rota.id,
                name=rota.name,
                now=now and ShiftOut.of(now, calendars.fleet.directory),
                next=later and ShiftOut.of(later, calendars.fleet.directory),
            )
            for rota, now, later in calendars.now()
        ]
    )


@get("/rotas/{rota_id:int}/on-call", tags=("on call",), sync_to_thread=True)
def on_call_of(
    rota_id: PathId,
    calendars: Part[Calendars],
    at: FromQuery[str | None] = None,
    until: FromQuery[str | None] = None,
) -> Response[Envelope[list[ShiftOut]]]:
    """Who is on call at a moment (now), or from then `until`: the shifts, cut at both, at most 400 days. A time that
    none of them covers is nobody's."""
    found = calendars.on_call(
        RotaId(rota_id), None if at is None else parsed(at, "at"), None if until is None else parsed(until, "until")
    )
    return encoded([ShiftOut.of(shift, calendars.fleet.directory) for shift in found])


@get(
    "/rotas/{rota_id:str}",
    tags=("on call",),
    sync_to_thread=True,
    opt=ANONYMOUS,
    media_type=MEDIA_TYPE,
    responses={200: _FILE, 304: SAME},
)
def file(
    rota_id: Annotated[str, PathParameter(schema_extra={"pattern": _NAME.pattern})],
    calendars: Part[Calendars],
    token: FromQuery[str] = "",
    if_none_match: IfNoneMatch = None,
) -> Response[bytes]:
    """`ID.ics`: the shifts of a rota from 30 days ago until in 180 days, for calendars. `ics_path` of the rota has the
    token; there is no log-in. This answer has no envelope."""
    if not _NAME.fullmatch(rota_id):
        raise NotFound
    number = RotaId(int(rota_id.removesuffix(".ics")))
    content = as_ics(calendars.file(number, token), calendars.fleet.directory)
    etag = f'"{sha256(content).hexdigest()[:32]}"'
    headers = {"ETag": etag, "Cache-Control": "private, max-age=300"}
    if is_known(etag, if_none_match):
        return Response(b"", status_code=304, headers=headers, media_type=MEDIA_TYPE)
    headers["Content-Disposition"] = 'inline; filename="on-call.ics"'
    return Response(content, headers=headers, media_type=MEDIA_TYPE)


def as_ics(file: File, directory: Directory) -> bytes:
    # Imported here: it takes a tenth of a second, and most processes are never asked for it.
    from icalendar import Calendar, Event

    calendar = Calendar()
    names = {"prodid": "-//monitor//on call//EN", "version": "2.0", "x-wr-calname": file.rota.name}
    for name, value in (names | {"x-wr-timezone": file.rota.timezone, "x-published-ttl": "PT1H"}).items():
        calendar.add(name, value)
    for uid, shift in file.shifts:
        event = Event()
        event.add("uid", f"{uid}@monitor")
        event.add("dtstamp", file.made_at)
        event.add("dtstart", shift.starts_at)
        event.add("dtend", shift.ends_at)
        event.add("summary", f"{_username(shift, directory)} ({file.rota.name})")
        event.add("transp", "TRANSPARENT")
        calendar.add_component(event)
    content: bytes = calendar.to_ical()
    return content


def _username(shift: Shift, directory: Directory) -> str:
    user = directory.users.get(shift.user_id)
    return "?" if user is None else user.username
