"""/api/users: administration of users."""

from collections.abc import Callable, Sequence
from itertools import islice
from typing import Annotated, Literal

from litestar import Controller, Response, delete, get, post, put
from litestar.params import FromQuery, JSONBody
from msgspec import UNSET, Meta, Struct, UnsetType

from monitor.adapters.http.edge import cursors
from monitor.adapters.http.edge.authentication import NOT_FOR_TOKENS, admins_only
from monitor.adapters.http.edge.bodies import PageLimit, PathId, QueryId
from monitor.adapters.http.edge.envelope import Envelope, ok
from monitor.adapters.http.edge.mapping import LEVEL_OF, LevelName, given, one_more, paged, shown
from monitor.adapters.http.edge.supplying import Part
from monitor.application.accounts.factors import ResetFactors
from monitor.application.accounts.sessions import EndSessions
from monitor.application.accounts.users import ChangeUser, CreateUser, ResetPassword
from monitor.application.fleet.fleet import Fleet
from monitor.application.fleet.leaving import DeleteUser, PreviewDeletion
from monitor.application.operations.ports import Queries
from monitor.domain.accounts.actors import Actor, Role, UserId
from monitor.domain.accounts.users import User

Text = Annotated[str, Meta(max_length=1000)]
RoleName = Literal["admin", "user"]
LocaleName = Literal["zh-CN", "en"]


class Account(Struct, frozen=True, kw_only=True):
    """What administrators and its user see of an account."""

    id: int
    username: str
    role: RoleName
    email: str | None
    locale: LocaleName | None
    alert_level: LevelName


class KindOfWay(Struct, frozen=True, kw_only=True):
    """*confirmed_at*: when the user last acknowledged an alert by it."""

    kind: str
    confirmed_at: str | None


class UserOut(Account, frozen=True, kw_only=True):
    """An account. *alert_level*: the lowest level of alerts that they get mails about. *locale*: the language of these;
    null: that of their browser at their next log-in, until then that of the settings."""

    created_at: str
    has_common_password: bool
    has_second_factor: bool
    ways: list[KindOfWay]


class UserOption(Struct, frozen=True):
    id: int
    username: str


class TeamOption(Struct, frozen=True, kw_only=True):
    """*access*: what its members may do with its servers."""

    id: int
    name: str
    access: Literal["read", "write"]


class NewUser(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """*password*: may be left out where single sign-on alone is taken. *locale*: null for that of their browser."""

    username: Text
    password: Text | None = None
    role: RoleName = "user"
    email: Text | None = None
    locale: LocaleName | None = None


class UserChange(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    role: RoleName | UnsetType = UNSET
    email: Text | UnsetType | None = UNSET
    locale: LocaleName | UnsetType | None = UNSET
    alert_level: LevelName | UnsetType = UNSET


class PasswordReset(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    username: Text
    password: Text


class ThingOut(Struct, frozen=True, kw_only=True):
    """*name*: of a way, its kind; of a silence, its reason."""

    id: int
    name: str
    lost: bool


class PartOut(Struct, frozen=True, kw_only=True):
    """Things of one kind that a user has. *servers*: that nobody else sees, but for administrators. *channels*: that
    send to the user's address. *lost*: how many are only theirs, would have nobody left, or end with the account.
    *first*: at most 100 of them, the lost ones first."""

    kind: Literal[
        "servers", "teams", "rotas", "escalations", "last_resort", "silences", "keys", "channels", "ways", "tokens"
    ]
    count: int
    lost: int
    first: list[ThingOut]


class UserController(Controller):
    path = "/users"
    tags = ("users",)
    guards = (admins_only,)
    opt = NOT_FOR_TOKENS

    @get("/", sync_to_thread=True)
    def list_users(
        self,
        actor: Part[Actor],
        queries: Part[Queries],
        fleet: Part[Fleet],
        limit: PageLimit = None,
        cursor: FromQuery[str | None] = None,
    ) -> Response[Envelope[list[UserOut]]]:
        """Return all users, or a page with `limit`."""
        fleet.refresh()
        users = queries.users.all(actor, after=cursors.to_id(cursor), limit=one_more(limit))
        return paged(users, limit, _shower(queries, fleet, users))

    @post("/", status_code=200, sync_to_thread=True)
    def create(self, actor: Part[Actor], data: JSONBody[NewUser], create_user: Part[CreateUser]) -> Envelope[UserOut]:
        """Create an account. The user must change the password at the first log-in."""
        user = create_user(actor, **given(data, role=Role), is_temporary=True)
        return ok(shown(UserOut, user, has_second_factor=False, ways=[]), "created")

    @put("/reset-password", sync_to_thread=True)
    def reset_password(
        self,
        actor: Part[Actor],
        data: JSONBody[PasswordReset],
        reset_password: Part[ResetPassword],
        fleet: Part[Fleet],
        queries: Part[Queries],
    ) -> Envelope[UserOut]:
        """Set a new password. The user must change it at the first log-in, unless it is the caller's own."""
        user = reset_password(actor, **given(data), is_temporary=True)
        return ok(_shower(queries, fleet, [user])(user), "password_reset")

    @put("/{user_id:int}", sync_to_thread=True)
    def change(
        self,
        actor: Part[Actor],
        user_id: PathId,
        data: JSONBody[UserChange],
        change_user: Part[ChangeUser],
        fleet: Part[Fleet],
        queries: Part[Queries],
    ) -> Envelope[UserOut]:
        changes = given(data, role=Role, alert_level=LEVEL_OF.__getitem__)
        user = change_user(actor, UserId(user_id), **changes)
        fleet.refresh()  # a role decides which servers a user's keys reach
        return ok(_shower(queries, fleet, [user])(user), "updated")

    @delete("/{user_id:int}/totp", status_code=200, sync_to_thread=True)
    def reset_factors(self, actor: Part[Actor], user_id: PathId, reset_factors: Part[ResetFactors]) -> Envelope[None]:
        """Take all second factors from a user who lost them: authenticator, recovery codes and passkeys.

        Ends the user's sessions.
        """
        reset_factors(actor, UserId(user_id))
        return ok(None, "second_factors_reset")

    @get("/{user_id:int}/deletion", sync_to_thread=True)
    def preview_deletion(
        self,
        actor: Part[Actor],
        user_id: PathId,
        preview_deletion: Part[PreviewDeletion],
        hand_over_to: QueryId = None,
    ) -> Envelope[list[PartOut]]:
        """Say what the user has, and what of it would be lost with the account, all kinds in this order.
        `hand_over_to`: the id of the person to whom it would be handed over."""
        parts = preview_deletion(actor, UserId(user_id), _person(hand_over_to))
        return ok(
            [shown(PartOut, part, first=[shown(ThingOut, t, lost=t.is_lost) for t in part.first]) for part in parts]
        )

    @delete("/{user_id:int}", status_code=200, sync_to_thread=True)
    def remove(
        self,
        actor: Part[Actor],
        user_id: PathId,
        delete_user: Part[DeleteUser],
        fleet: Part[Fleet],
        hand_over_to: QueryId = None,
    ) -> Envelope[None]:
        """Delete an account. `hand_over_to`: the id of the person who gets its links, its places in teams, rotas,
        steps and the last resort, its silences, and its keys if they have the same role."""
        delete_user(actor, UserId(user_id), _person(hand_over_to))
        fleet.refresh()  # likewise
        return ok(None, "deleted")

    @delete("/{user_id:int}/sessions", status_code=200, sync_to_thread=True)
    def end_sessions(self, actor: Part[Actor], user_id: PathId, end_sessions: Part[EndSessions]) -> Envelope[None]:
        """End all sessions of a user; of the caller's own all but this one."""
        end_sessions.of_user(actor, UserId(user_id))
        return ok(None, "deleted")


def _person(user_id: int | None) -> UserId | None:
    return None if user_id is None else UserId(user_id)


def _shower(queries: Queries, fleet: Fleet, users: Sequence[User]) -> Callable[[User], UserOut]:
    protected, roster = queries.users.with_second_factor([user.id for user in users]), fleet.directory.roster

    def show(user: User) -> UserOut:
        ways = [shown(KindOfWay, way) for way in roster.ways_of(user.id)]
        return shown(UserOut, user, has_second_factor=user.id in protected, ways=ways)

    return show


@get("/users/options", tags=("users",), sync_to_thread=True, opt=NOT_FOR_TOKENS)
def options(queries: Part[Queries], q: FromQuery[str] = "", limit: PageLimit = None) -> Envelope[list[UserOption]]:
    """Return id and name of all users, or of the first `limit` with `q` in the name, for pickers."""
    wanted = q.strip().casefold()
    found = (UserOption(*each) for each in queries.users.options() if wanted in each[1].casefold())
    return ok([*islice(found, limit)])
