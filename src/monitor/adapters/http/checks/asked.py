"""How a check asks, as it is sent and shown."""

from typing import Annotated

from msgspec import Meta, Struct
from msgspec.structs import asdict

from monitor.adapters.http.accounts.users import Text
from monitor.adapters.http.edge.mapping import each_of, shown
from monitor.domain.checks.requests import LONGEST_BODY, LONGEST_CA, LONGEST_HEADERS, METHODS, Header, Request


class AskedHeader(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """*secret*: the value is never shown again, but as null. *value*: null keeps the secret one of the stored check, as
    long as it asks the same scheme, host and port."""

    name: Text
    value: Annotated[str, Meta(max_length=LONGEST_HEADERS)] | None = None
    secret: bool = False

    def to_domain(self) -> Header:
        return Header(name=self.name, value=self.value or "", secret=self.secret)


class Asked(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """How `http` asks. *headers*: at most 20. *redirects*: how many are followed, at most 5; each must lead to an
    allowed address, and another server gets neither headers nor body. *ca*: certificates (PEM) that are trusted in
    place of the usual ones; of `tls` too."""

    method: Text = METHODS[0]
    headers: Annotated[list[AskedHeader], Meta(max_length=100)] = []
    body: Annotated[str, Meta(max_length=LONGEST_BODY)] | None = None
    redirects: int = 0
    ca: Annotated[str, Meta(max_length=LONGEST_CA)] | None = None

    def to_domain(self) -> Request:
        """Raises InvalidInput."""
        return Request(**asdict(self) | {"headers": each_of("request.headers", self.headers, AskedHeader.to_domain)})

    @staticmethod
    def of(request: Request) -> "Asked":
        headers = [shown(AskedHeader, each, value=None if each.secret else each.value) for each in request.headers]
        return shown(Asked, request, headers=headers)
