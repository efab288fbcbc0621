"""/api/settings/mail: the mail server, the sender, and this server's address, for administrators."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from litestar import Controller, Request, get, post, put
from litestar.params import JSONBody
from msgspec import UNSET, Meta, Struct, UnsetType

from monitor.adapters.http.edge.authentication import admins_only
from monitor.adapters.http.edge.envelope import Envelope, ok
from monitor.adapters.http.edge.mapping import given, shown
from monitor.adapters.http.edge.supplying import Part
from monitor.application.fleet.fleet import Fleet
from monitor.application.notifications.mail_settings import LONGEST_URL, ChangeMail, MailInForce, TryMail
from monitor.application.notifications.sender_ports import SendStatus
from monitor.domain.accounts.actors import Actor

Security = Literal["starttls", "tls", "none"]
Line = Annotated[str, Meta(max_length=LONGEST_URL)]
Password = Annotated[str, Meta(max_length=1000)]


class MailOut(Struct, frozen=True, kw_only=True):
    """*port*: null: the usual one (587, 465 or 25). *security*: null: `starttls`. *sender*: null: the user name.
    *environment*: the variable for each field that the environment sets, which cannot be changed here.
    *password_lost*: it must be entered again. *works*: this mail server took a mail. *seen_url*: this server's address
    in an administrator's browser, which mails name while *base_url* is null."""

    host: str | None
    port: int | None
    security: str | None
    username: str | None
    has_password: bool
    password_lost: bool
    sender: str | None
    base_url: str | None
    seen_url: str | None
    works: bool
    environment: Mapping[str, str]


class MailChange(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What is left out stays, null removes. A stored *password* stays only with *host*, *port*, *security* and
    *username*: a change of one of them needs it again."""

    host: Line | UnsetType | None = UNSET
    port: Annotated[int, Meta(ge=1, le=65535)] | UnsetType | None = UNSET
    security: Security | UnsetType | None = UNSET
    username: Line | UnsetType | None = UNSET
    password: Password | UnsetType | None = UNSET
    sender: Line | UnsetType | None = UNSET
    base_url: Line | UnsetType | None = UNSET


class MailTestOut(Struct, frozen=True, kw_only=True):
    """*failed*: `name` (looking it up), `destination` (its address is not allowed), `connection`, `tls`, `session` (its
    replies), `login`, `sender`, `recipient` or `message`. *error*: what the network or the server said."""

    sent: bool
    failed: str | None
    error: str | None


class MailController(Controller):
    path = "/settings/mail"
    tags = ("administration",)
    guards = (admins_only,)

    @get("/", sync_to_thread=True)
    def read(self, fleet: Part[Fleet], mail: Part[MailInForce]) -> Envelope[MailOut]:
        fleet.refresh()
        return ok(_out(mail))

    @put("/", sync_to_thread=True)
    def change(
        self,
        actor: Part[Actor],
        data: JSONBody[MailChange],
        change_mail: Part[ChangeMail],
        fleet: Part[Fleet],
        mail: Part[MailInForce],
        request: Request[Any, Any, Any],
    ) -> Envelope[MailOut]:
        """Change what is given. All processes follow within seconds."""
        change_mail(actor, given(data), request.headers.get("origin"))
        fleet.refresh()
        return ok(_out(mail), "updated")

    @post("/test", status_code=200, sync_to_thread=True)
    def test(self, actor: Part[Actor], data: JSONBody[MailChange], try_mail: Part[TryMail]) -> Envelope[MailTestOut]:
        """Send a test mail to the caller's own address, with what is given in place of what is stored."""
        result = try_mail(actor, given(data))
        is_sent = result.status is SendStatus.SENT
        return ok(MailTestOut(sent=is_sent, failed=result.failed or None, error=result.error or None))


def _out(in_force: MailInForce) -> MailOut:
    mail = in_force()
    return shown(MailOut, mail, has_password=mail.password is not None, environment=in_force.environment.fixed)
