"""Second factors: passkeys by `webauthn`, codes of authenticator apps by `pyotp`, their QR codes by `segno`.

Each library is imported when it is needed: most processes need none, and `webauthn` takes a fifth of a second.
"""

import io
import json
from base64 import b64decode
from collections.abc import Sequence
from typing import Any
from urllib.parse import urlsplit

from monitor.application.accounts.credentials import Answer, Claim, Credential, OneTimeCodes, Options, PasskeyProtocol
from monitor.domain.accounts.errors import InvalidPasskey
from monitor.domain.accounts.passkeys import Passkey, Site
from monitor.domain.accounts.users import User

PATIENCE = 300_000
"""Milliseconds in which the person should finish (Web Authentication Level 3, section 15.1)."""


class WebAuthn(PasskeyProtocol):
    def creation_options(
        self, site: Site, challenge: str, *, user: User, user_handle: bytes, known: Sequence[Passkey]
    ) -> Options:
        from webauthn import generate_registration_options
        from webauthn.helpers import options_to_json_dict, structs

        options = generate_registration_options(
            rp_id=site.host,
            rp_name="monitor",
            user_id=user_handle,
            user_name=user.username,
            challenge=challenge.encode(),
            timeout=PATIENCE,
            authenticator_selection=structs.AuthenticatorSelectionCriteria(
                resident_key=structs.ResidentKeyRequirement.REQUIRED,
                user_verification=structs.UserVerificationRequirement.REQUIRED,
            ),
            exclude_credentials=[
                structs.PublicKeyCredentialDescriptor(
                    id=passkey.credential_id,
                    transports=[structs.AuthenticatorTransport(name) for name in passkey.transports],
                )
                for passkey in known
            ],
        )
        return options_to_json_dict(options)

    def request_options(self, site: Site, challenge: str) -> Options:
        from webauthn import generate_authentication_options
        from webauthn.helpers import options_to_json_dict, structs

        options = generate_authentication_options(
            rp_id=site.host,
            challenge=challenge.encode(),
            timeout=PATIENCE,
            user_verification=structs.UserVerificationRequirement.REQUIRED,
        )
        return options_to_json_dict(options)

    def claim(self, answer: Answer) -> Claim:
        body: Any = answer
        try:
            client_data = json.loads(_decoded(body["response"]["clientDataJSON"]))
            if client_data.get("crossOrigin"):  # asked from within another site
                raise InvalidPasskey
            return Claim(
                challenge=_decoded(client_data["challenge"]).decode(),
                credential_id=_decoded(body["rawId"]),
                user_handle=_decoded(body["response"].get("userHandle") or ""),
            )
        except (AttributeError, KeyError, RecursionError, TypeError, ValueError) as error:
            raise InvalidPasskey from error

    def created(self, answer: Answer, site: Site, challenge: str) -> Credential:
        from webauthn import verify_registration_response
        from webauthn.helpers import (
            decode_credential_public_key,
            decoded_public_key_to_cryptography,
            parse_registration_credential_json,
        )

        try:
            parsed = parse_registration_credential_json(dict(answer))
            found = verify_registration_response(
                credential=parsed,
                expected_challenge=challenge.encode(),
                expected_rp_id=site.host,
                expected_origin=site.origin,
                require_user_verification=True,
            )
            # The library first looks at the key when it is used.
            decoded_public_key_to_cryptography(decode_credential_public_key(found.credential_public_key))
        except Exception as error:  # what its parsers of JSON, CBOR, keys and certificates raise is not listed anywhere
            raise InvalidPasskey from error
        transports = {transport.value for transport in parsed.response.transports or ()}
        return Credential(
            credential_id=found.credential_id,
            public_key=found.credential_public_key,
            sign_count=found.sign_count,
            transports=tuple(sorted(transports)),
        )

    def signed(self, answer: Answer, site: Site, challenge: str, public_key: bytes) -> int:
        from webauthn import verify_authentication_response

        try:
            found = verify_authentication_response(
                credential=dict(answer),
                expected_challenge=challenge.encode(),
                expected_rp_id=site.host,
                expected_origin=site.origin,
                credential_public_key=public_key,
                credential_current_sign_count=0,  # `Passkey.used` judges it, after the signature
                require_user_verification=True,
            )
        except Exception as error:  # also not listed
            raise InvalidPasskey from error
        return found.new_sign_count


def _decoded(text: str) -> bytes:
    """Return the bytes of base64url without padding. Raises TypeError, ValueError."""
    return b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)


_ISSUER = "monitor"
_QUIET_ZONE = 4
"""Modules of white around the code (ISO/IEC 18004)."""


class PyotpCodes(OneTimeCodes):
    """*base_url*: of this server. An app shows "monitor" and its host, which tells servers apart."""

    def __init__(self, base_url: str | None = None) -> None:
        host = urlsplit(base_url or "").hostname or ""
        # A colon, as in an IPv6 address, would end the issuer's part of the label.
        self._issuer = f"{_ISSUER} {host}".strip() if ":" not in host else _ISSUER

    def code(self, secret: str, step: int) -> str:
        from pyotp import TOTP

        return TOTP(secret).generate_otp(step)

    def uri(self, secret: str, username: str) -> str:
        from pyotp import TOTP

        return TOTP(secret).provisioning_uri(name=username, issuer_name=self._issuer)

    def drawn(self, uri: str) -> str:
        import segno

        drawn = io.BytesIO()
        # With its namespace, which a browser needs to show it as an image.
        segno.make_qr(uri, error="m").save(
            drawn, kind="svg", xmldecl=False, nl=False, border=_QUIET_ZONE, light="#fff", omitsize=True
        )
        return drawn.getvalue().decode()
