"""/api/auth/totp, /api/auth/recovery-codes: the second factor of the caller's own account."""

from litestar import Controller, delete, post, put
from litestar.params import JSONBody
from msgspec import Struct

from monitor.adapters.http.accounts.users import Text
from monitor.adapters.http.edge.authentication import BEFORE_SECOND_FACTOR, NOT_FOR_TOKENS
from monitor.adapters.http.edge.envelope import Envelope, ok
from monitor.adapters.http.edge.mapping import shown
from monitor.adapters.http.edge.supplying import Part
from monitor.application.accounts.factors import ManageTotp
from monitor.domain.accounts.actors import Actor


class OwnPassword(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """*password*: may be left out if the account has none."""

    password: Text | None = None


class Code(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    code: Text


class PasswordAndCode(OwnPassword, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """*password*: may be left out if the account has none. *code*: of the authenticator, or a recovery code."""

    code: Text


class TotpOut(Struct, frozen=True, kw_only=True):
    """What an authenticator app needs. *uri*: otpauth://, which *qr* shows as SVG."""

    secret: str
    uri: str
    qr: str


class RecoveryCodesOut(Struct, frozen=True):
    """Each is good once in place of a code. They are shown only now."""

    recovery_codes: list[str]


class FactorController(Controller):
    """A wrong password or code is 401 `invalid_credentials` or `invalid_code`, as at the log-in."""

    path = "/auth"
    tags = ("sessions",)
    opt = NOT_FOR_TOKENS | BEFORE_SECOND_FACTOR

    @post("/totp", status_code=200, sync_to_thread=True)
    def begin(
        self, actor: Part[Actor], data: JSONBody[OwnPassword], manage_totp: Part[ManageTotp]
    ) -> Envelope[TotpOut]:
        """Make the secret of an authenticator. It is on after `PUT`."""
        return ok(shown(TotpOut, manage_totp.begin(actor, data.password)), "created")

    @put("/totp", sync_to_thread=True)
    def confirm(
        self, actor: Part[Actor], data: JSONBody[Code], manage_totp: Part[ManageTotp]
    ) -> Envelope[RecoveryCodesOut]:
        """Turn the second factor on, with a first code of the authenticator."""
        return ok(RecoveryCodesOut(manage_totp.confirm(actor, data.code)), "second_factor_on")

    @delete("/totp", status_code=200, sync_to_thread=True)
    def turn_off(
        self, actor: Part[Actor], data: JSONBody[PasswordAndCode], manage_totp: Part[ManageTotp]
    ) -> Envelope[None]:
        """Turn the authenticator off, with its recovery codes. Ends the caller's other sessions."""
        manage_totp.turn_off(actor, data.password, data.code)
        return ok(None, "second_factor_off")

    @post("/recovery-codes", status_code=200, sync_to_thread=True)
    def renew_recovery_codes(
        self, actor: Part[Actor], data: JSONBody[Code], manage_totp: Part[ManageTotp]
    ) -> Envelope[RecoveryCodesOut]:
        """Return ten new recovery codes. The old ones end."""
        return ok(RecoveryCodesOut(manage_totp.renew_recovery_codes(actor, data.code)), "created")
