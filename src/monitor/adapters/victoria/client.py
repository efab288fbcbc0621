"""Requests to VictoriaMetrics. Import it on first use: httpx takes 12 MB, which most installations do not need."""

import time
from collections.abc import Mapping, Sequence
from typing import Any

import httpx

from monitor.adapters.outbound.connections import Outbound
from monitor.adapters.outbound.destinations import ANYWHERE
from monitor.adapters.outbound.posts import Bounded
from monitor.adapters.victoria.address import VictoriaAddress
from monitor.domain.errors import HistoryUnavailable

VICTORIA = Outbound(destinations=ANYWHERE, total=30, patience=10, connecting=2)
LARGEST = 256 * 1024 * 1024
"""Bytes of an answer: a hundred blocks of 256 metrics each, every ten seconds."""
PAUSE = 5.0
"""Seconds after a failure in which nothing is asked: threads that wait are missing elsewhere."""


class Client:
    """Asks from several threads at once. Each method raises HistoryUnavailable."""

    def __init__(
        self, address: VictoriaAddress, pause: float = PAUSE, outbound: Outbound = VICTORIA, largest: int = LARGEST
    ) -> None:
        self._address = address
        self._pause = pause
        headers = {"Accept-Encoding": "identity"}
        if address.token is not None:
            headers["Authorization"] = f"Bearer {address.token}"
        # No proxies and no .netrc of the environment.
        self._http = httpx.Client(headers=headers, trust_env=False, transport=Bounded(outbound, largest))
        self._not_before = 0.0
        self.answers = True
        """Whether the last request was answered."""
        self._error = ""

    def write(self, path: str, body: bytes) -> None:
        self._post(self._address.insert + path, content=body)

    def read(self, path: str, form: Mapping[str, str | Sequence[str]]) -> bytes:
        return self._post(self._address.select + path, data=form)

    def delete(self, path: str, form: Mapping[str, str | Sequence[str]]) -> None:
        self._post(self._address.delete + path, data=form)

    def page(self, path: str) -> str | None:
        """Return a page of a single node's own; None for a cluster, or where it is not shown."""
        if not self._address.is_single:
            return None
        response = self._answer("GET", self._address.select + path)
        self.answers = True
        return response.text if response.status_code == httpx.codes.OK else None

    def close(self) -> None:
        self._http.close()

    def _post(self, url: str, **given: Any) -> bytes:
        if time.monotonic() < self._not_before:
            raise HistoryUnavailable(self._error)
        response = self._answer("POST", url, **given)
        if not response.is_success:
            raise self._failed(f"answers {response.status_code}")
        self.answers = True
        return response.content

    def _answer(self, method: str, url: str, **given: Any) -> httpx.Response:
        try:
            return self._http.request(method, url, **given)
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            # Others may name the address with its secrets.
            why = str(error) if isinstance(error, httpx.TransportError) else type(error).__name__
            raise self._failed(f"does not answer: {why}") from None

    def _failed(self, what: str) -> HistoryUnavailable:
        self._error = f"VictoriaMetrics at {self._address.shown} {what}"
        self._not_before, self.answers = time.monotonic() + self._pause, False
        return HistoryUnavailable(self._error)
