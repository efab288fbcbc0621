"""Bodies of /api/auth/passkeys. Options are named and written as browsers take them (Web Authentication Level 3)."""

from typing import Any, Literal

from msgspec import UNSET, Struct, UnsetType

from monitor.adapters.http.accounts.users import Text


class PasskeyAnswer(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """*credential*: the JSON form of the browser's PublicKeyCredential."""

    credential: dict[str, Any]


class NewPasskey(PasskeyAnswer, frozen=True, forbid_unknown_fields=True, kw_only=True):
    name: Text


class PasskeyOut(Struct, frozen=True, kw_only=True):
    """*cloned_at*: when a copy of it was noticed. It logs nobody in since."""

    id: int
    name: str
    created_at: str
    last_used_at: str | None
    cloned_at: str | None


class RelyingParty(Struct, frozen=True, kw_only=True):
    id: str
    name: str


class PasskeyUser(Struct, frozen=True, kw_only=True, rename="camel"):
    id: str
    name: str
    display_name: str


class KeyAlgorithm(Struct, frozen=True, kw_only=True):
    type: Literal["public-key"]
    alg: int


class KnownPasskey(Struct, frozen=True, kw_only=True):
    type: Literal["public-key"]
    id: str
    transports: list[str] | UnsetType = UNSET


class DeviceSelection(Struct, frozen=True, kw_only=True, rename="camel"):
    resident_key: Literal["required"]
    require_resident_key: bool
    user_verification: Literal["required"]


class PasskeyCreationOptions(Struct, frozen=True, kw_only=True, rename="camel"):
    """For navigator.credentials.create(): PublicKeyCredentialCreationOptionsJSON."""

    rp: RelyingParty
    user: PasskeyUser
    challenge: str
    pub_key_cred_params: list[KeyAlgorithm]
    timeout: int
    exclude_credentials: list[KnownPasskey]
    authenticator_selection: DeviceSelection
    attestation: Literal["none"]


class PasskeyRequestOptions(Struct, frozen=True, kw_only=True, rename="camel"):
    """For navigator.credentials.get(): PublicKeyCredentialRequestOptionsJSON. Any passkey of the site will do."""

    challenge: str
    timeout: int
    rp_id: str
    allow_credentials: list[KnownPasskey]
    user_verification: Literal["required"]
