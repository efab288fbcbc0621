"""Requests to the issuer, bounded in time and size."""

import ssl
import time
from collections.abc import Mapping
from typing import Any

import httpx
import msgspec

from monitor.domain.accounts.errors import IssuerUnavailable

PATIENCE = 10.0
LARGEST = 1_000_000


class Web:
    """Asks from several threads at once. No redirects, no proxies and no .netrc of the environment.

    Certificates are those of the system: an issuer often has one of its own company.
    """

    def __init__(self, transport: httpx.BaseTransport | None = None) -> None:
        self._http = httpx.Client(
            timeout=PATIENCE,
            trust_env=False,
            follow_redirects=False,
            transport=transport or httpx.HTTPTransport(verify=ssl.create_default_context(), trust_env=False),
            headers={"Accept": "application/json", "Accept-Encoding": "identity", "User-Agent": "monitor"},
        )

    def ask(
        self,
        address: str,
        *,
        form: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> tuple[int, dict[str, Any]]:
        """Return status and JSON object; {} if the answer is none. With a *form* it is a POST.

        Raises IssuerUnavailable, also for an answer that is too large or a status of 500 and above.
        """
        give_up, body = time.monotonic() + PATIENCE, b""
        method = "GET" if form is None else "POST"
        try:
            with self._http.stream(method, address, data=form, headers=headers) as answer:
                for part in answer.iter_raw():
                    body += part
                    if len(body) > LARGEST:
                        raise IssuerUnavailable(f"{address}: more than {LARGEST} bytes")
                    if time.monotonic() > give_up:
                        raise IssuerUnavailable(f"{address}: not done after {PATIENCE:.0f} s")
        except (httpx.HTTPError, httpx.InvalidURL, httpx.StreamError) as error:
            raise IssuerUnavailable(f"{address}: {type(error).__name__}: {error}") from error
        if answer.status_code >= 500:
            raise IssuerUnavailable(f"{address}: status {answer.status_code}")
        return answer.status_code, _object(body)


def _object(body: bytes) -> dict[str, Any]:
    try:
        return msgspec.json.decode(body, type=dict[str, Any])
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return {}
