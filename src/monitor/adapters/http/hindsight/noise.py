"""/api/alerts/noise: what each policy cost on each server."""

from typing import Annotated

from litestar import Response, get
from litestar.params import FromQuery, QueryParameter
from msgspec import Struct

from monitor.adapters.http.edge import cursors
from monitor.adapters.http.edge.bodies import QueryId
from monitor.adapters.http.edge.envelope import Envelope
from monitor.adapters.http.edge.mapping import paged, shown
from monitor.adapters.http.edge.supplying import Part
from monitor.application.hindsight.noise import MAX_DAYS, CountNoise, NoiseRow, Place, Wanted
from monitor.domain.accounts.actors import Actor
from monitor.domain.fleet.servers import ServerId
from monitor.domain.policies.policies import PolicyId

MOST_ROWS = 50
"""Each has a backtest of its own."""


class PersonOut(Struct, frozen=True):
    """How many of the notifications a person had."""

    username: str
    pages: int


class HeardOut(Struct, frozen=True):
    """How often a person would have been notified, and would have been with the change, by a replay."""

    username: str
    before: int
    after: int


class SuggestionOut(Struct, frozen=True, kw_only=True):
    """*change*: new values of the policy's fields. *pages_removed*: how many of `pages` there would not have been, by a
    replay. *added_delay*: seconds by which people would have heard later, at most, of an alert that is kept."""

    change: dict[str, float | None]
    pages_removed: int
    useful_lost: int
    added_delay: float
    people: list[HeardOut]


class NoiseOut(Struct, frozen=True, kw_only=True):
    """*pages*: notifications that alerts fired or got worse, one for each person or channel. *night_pages*: those of
    people, from 22 to 7 o'clock in the server's time zone. *alerts*: how many alerts they are about. *ended_alone*: of
    these, those that ended within 10 minutes, unacknowledged. *useful*, *noise*: verdicts. *people*: the notifications
    of each, the most first. *suggestion*: the smallest edit of the policy that halves `pages`; null: none does."""

    policy_id: int
    server_id: int
    pages: int
    night_pages: int
    alerts: int
    ended_alone: int
    useful: int
    noise: int
    people: list[PersonOut]
    suggestion: SuggestionOut | None

    @staticmethod
    def of(row: NoiseRow) -> "NoiseOut":
        found = row.suggestion
        return shown(
            NoiseOut,
            row,
            people=[PersonOut(name, pages) for name, pages in row.people.items()],
            suggestion=found
            and SuggestionOut(
                change=found.change,
                pages_removed=found.removed,
                useful_lost=found.useful_lost,
                added_delay=found.added_delay,
                people=[HeardOut(name, *counts) for name, counts in found.people.items()],
            ),
        )


@get("/alerts/noise", tags=("alerts",), sync_to_thread=True)
def noise(
    actor: Part[Actor],
    count_noise: Part[CountNoise],
    days: Annotated[int, QueryParameter(ge=1, le=MAX_DAYS)] = 30,
    policy_id: QueryId = None,
    server_id: QueryId = None,
    suggest: FromQuery[bool] = True,
    limit: Annotated[int, QueryParameter(ge=1, le=MOST_ROWS)] = 10,
    cursor: FromQuery[str | None] = None,
) -> Response[Envelope[list[NoiseOut]]]:
    """What policies cost in the last `days`, a row for each policy and server, those with the most pages first. Each
    suggestion takes a backtest; `suggest=false` leaves them out."""
    wanted = Wanted(
        days=days,
        limit=limit,
        policy_id=None if policy_id is None else PolicyId(policy_id),
        server_id=None if server_id is None else ServerId(server_id),
        after=None if cursor is None else _place(cursor),
        is_suggesting=suggest,
    )
    return paged(count_noise(actor, wanted), limit, NoiseOut.of, lambda last: cursors.of_numbers(*last.place))


def _place(cursor: str) -> Place:
    """Raises InvalidInput."""
    minus_pages, policy_id, server_id = cursors.to_numbers(cursor, 3)
    return minus_pages, PolicyId(policy_id), ServerId(server_id)
