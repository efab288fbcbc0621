"""The caller's own account, as several routes show it."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime

from msgspec import Struct, field, structs

from monitor.adapters.http.accounts.users import Account, TeamOption, Text
from monitor.adapters.http.edge.mapping import LEVEL_OF, LEVELS, LevelName, each_of, shown
from monitor.adapters.http.edge.times import parsed, written
from monitor.application.accounts.authentication import Caller
from monitor.application.accounts.sessions import LoggedIn
from monitor.application.fleet.directory import Directory
from monitor.application.fleet.teams import teams_of
from monitor.application.operations.ports import Queries
from monitor.domain.accounts.actors import UserId, fresh_until
from monitor.domain.accounts.availability import QuietHours, Span
from monitor.domain.accounts.factors import OwnFactors
from monitor.domain.accounts.users import User
from monitor.domain.errors import within
from monitor.domain.times import clock_time


class QuietBody(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Daily local times, HH:MM, in which alerts below *level* wait. *to*: on the next day if it is before *from*."""

    from_: Text = field(name="from")
    to: Text
    timezone: Text
    level: LevelName = "critical"


class AwayBody(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Meanwhile rotas pass this person over."""

    starts_at: Text
    ends_at: Text

    def to_domain(self) -> Span:
        """Raises InvalidInput."""
        return Span(parsed(self.starts_at, "starts_at"), parsed(self.ends_at, "ends_at"))


def quiet_hours(body: QuietBody | None) -> QuietHours | None:
    """Raises InvalidInput."""
    if body is None:
        return None
    with within("quiet"):
        starts, ends = clock_time("from", body.from_), clock_time("to", body.to)
        return QuietHours(starts, ends, body.timezone, LEVEL_OF[body.level])


def absences(given: Sequence[AwayBody]) -> tuple[Span, ...]:
    """Raises InvalidInput."""
    return each_of("away", given, AwayBody.to_domain)


class Profile(Account, frozen=True, kw_only=True):
    """The caller's account. *must_change_password*, *must_set_up_second_factor*: most other calls fail until then.
    *locale*: the language of what is sent to them; null until it is known, see `default_locale` of the settings.
    *alert_level*: the lowest level of alerts that they get mails about. *has_password*: false if only
    single sign-on logs them in. *passkeys*: how many.
    *fresh_until*: until then changes that ask for a fresh log-in go through; null if they do not,
    see `POST /api/auth/reauthenticate`."""

    has_default_password: bool
    has_common_password: bool
    must_change_password: bool
    has_password: bool
    has_totp: bool
    recovery_codes_left: int
    passkeys: int
    must_set_up_second_factor: bool
    fresh_until: str | None
    quiet: QuietBody | None
    away: list[AwayBody]


class OwnProfile(Profile, frozen=True, kw_only=True):
    """Profile with the teams of the user."""

    teams: list[TeamOption]


def profile_of(logged_in: LoggedIn) -> Profile:
    return _profile(logged_in.user, logged_in, logged_in.fresh_until, logged_in.factors)


def own_profile(caller: Caller, queries: Queries, now: datetime, authenticated_at: datetime | None = None) -> Profile:
    """*authenticated_at*: of the session, if it has just changed."""
    fresh = fresh_until(authenticated_at or caller.actor.authenticated_at, now)
    users = queries.users
    return _profile(users.me(caller.actor), caller, fresh, users.factors(caller.actor.user_id))


def with_teams(profile: Profile, directory: Directory) -> OwnProfile:
    teams = [shown(TeamOption, team) for team in teams_of(directory, UserId(profile.id))]
    return OwnProfile(**structs.asdict(profile), teams=teams)


def _profile(user: User, caller: Caller | LoggedIn, fresh: datetime | None, factors: OwnFactors) -> Profile:
    return shown(
        Profile,
        user,
        has_password=user.has_password and caller.takes_passwords,
        must_change_password=caller.must_change_password,
        **asdict(factors),
        must_set_up_second_factor=caller.must_set_up_second_factor,
        fresh_until=None if fresh is None else written(fresh),
        quiet=None if user.quiet is None else _shown_quiet(user.quiet),
        away=[shown(AwayBody, span) for span in user.away],
    )


def _shown_quiet(quiet: QuietHours) -> QuietBody:
    return QuietBody(
        from_=f"{quiet.starts:%H:%M}", to=f"{quiet.ends:%H:%M}", timezone=quiet.zone, level=LEVELS[quiet.level]
    )
