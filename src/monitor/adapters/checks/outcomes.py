"""What a probe returns or raises, and what all probes need: guarded connections and certificates."""

from __future__ import annotations

import ssl
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache, lru_cache
from typing import TYPE_CHECKING

from monitor.adapters.outbound.connections import Connection, Deadline, Outbound, connect, default_tls, resolve

if TYPE_CHECKING:
    from monitor.domain.checks.checks import Check

_DAY = 86_400


class Failed(Exception):
    """The target fails; the text says why. *cert_ends*: when its certificate ends."""

    def __init__(self, text: str, cert_ends: datetime | None = None) -> None:
        super().__init__(text)
        self.cert_ends = cert_ends


class Unexpected(Failed):
    """The target has answered, but not as expected. Its response time counts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """The target works. *ms*: None: the time of the whole probe."""

    ms: float | None = None
    cert_ends: datetime | None = None


@dataclass(slots=True)
class Found:
    """What a probe has found so far, also if it fails in the end. *status*: of HTTP. *cert_ends*: the first to end."""

    status: int | None = None
    cert_ends: datetime | None = None
    matched: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Run:
    """One run of a *check*: every step ends by the *deadline*."""

    check: Check
    outbound: Outbound
    deadline: Deadline
    found: Found = field(default_factory=Found)

    def addresses(self, host: str, port: int) -> Sequence[str]:
        """Return the addresses of *host*, looked up once. Raises OSError, and Failed if one is not allowed."""
        found = resolve(host, port, self.deadline, self.outbound.resolver)
        # One forbidden address among allowed ones is an attack, not a configuration.
        for address in found:
            if not self.outbound.destinations.allows(address):
                raise Failed(f"the address {address} is not public; MONITOR_ALLOWED_DESTINATIONS can allow it")
        return found

    def connect(self, addresses: Sequence[str], port: int) -> Connection:
        """Raises OSError."""
        # So that a first address that does not answer leaves time for the next.
        patience = self.deadline.left() / len(addresses)
        connection = connect(addresses, port, self.deadline, patience)
        connection.patience = self.check.timeout
        return connection

    def secured(self, connection: Connection, addresses: Sequence[str], host: str, port: int) -> datetime:
        """Encrypt *connection*, and return when the certificate of *host* ends.

        Raises OSError, and Failed for a certificate that does not verify, which is then looked at once more.
        """
        try:
            trusted = self.check.request.ca
            context = self.outbound.tls or default_tls() if trusted is None else trusting(trusted)
            connection.start_tls(context, host.rstrip("."))
        except ssl.SSLCertVerificationError as error:
            raise Failed(
                f"certificate not accepted: {error.verify_message}", self._end(addresses, host, port)
            ) from None
        except TimeoutError:
            raise TimeoutError("the TLS handshake timed out") from None
        except ssl.SSLError as error:
            raise Failed(f"no TLS: {(error.reason or 'handshake failed').replace('_', ' ').lower()}") from None
        certificate = connection.certificate()
        return datetime.fromtimestamp(ssl.cert_time_to_seconds(str(certificate["notAfter"])), UTC)

    def _end(self, addresses: Sequence[str], host: str, port: int) -> datetime | None:
        """Return when a certificate that was not accepted ends; None if that can't be read."""
        from cryptography.x509 import InvalidVersion, load_der_x509_certificate  # 3 MB

        try:
            with closing(self.connect(addresses, port)) as connection:
                connection.start_tls(_unverified(), host.rstrip("."))
                certificate = load_der_x509_certificate(connection.certificate_bytes() or b"")
                return certificate.not_valid_after_utc
        except (OSError, ValueError, InvalidVersion):
            return None


@lru_cache(maxsize=32)
def trusting(certificates: str) -> ssl.SSLContext:
    """Return a context that trusts these certificates (PEM) alone. Raises ValueError, SSLError."""
    context = ssl.create_default_context(cadata=certificates)
    # Since Python 3.13 the usual one refuses what authorities of one's own often lack, such as a key usage.
    context.verify_flags &= ~ssl.VERIFY_X509_STRICT
    return context


@cache
def _unverified() -> ssl.SSLContext:
    """Return a context that accepts any certificate. Nothing is ever sent with it."""
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


def days_until(ends: datetime | None, now: datetime) -> float | None:
    """Return the days until *ends*, negative once it has passed."""
    return None if ends is None else round((ends - now).total_seconds() / _DAY, 2)
