"""Codes of authenticator apps, by pyotp; their QR codes, by segno."""

from urllib.parse import urlsplit

from monitor.application.accounts.credentials import OneTimeCodes

_ISSUER = "monitor"
_QUIET_ZONE = 4
"""Modules of white around the code (ISO/IEC 18004)."""


class PyotpCodes(OneTimeCodes):
    """*base_url*: of this server. An app shows its host besides "monitor", which tells several servers apart."""

    def __init__(self, base_url: str | None = None) -> None:
        host = urlsplit(base_url or "").hostname or ""
        # A colon, as in an IPv6 address, would end the issuer's part of the label.
        self._issuer = f"{_ISSUER} {host}".strip() if ":" not in host else _ISSUER

    # Imported at the first use: most processes need neither.

    def code(self, secret: str, step: int) -> str:
        from pyotp import TOTP

        return TOTP(secret).generate_otp(step)

    def uri(self, secret: str, username: str) -> str:
        from pyotp import TOTP

        return TOTP(secret).provisioning_uri(name=username, issuer_name=self._issuer)

    def drawn(self, uri: str) -> str:
        import segno

        return str(segno.make_qr(uri, error="m").svg_inline(border=_QUIET_ZONE, light="#fff", omitsize=True))
