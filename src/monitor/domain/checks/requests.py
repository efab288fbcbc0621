"""How a check asks by HTTP: method, headers, body, redirects, and the authority that it trusts."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from monitor.domain.errors import InvalidInput, Problem
from monitor.domain.text import has_control_characters

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
MOST_HEADERS, LONGEST_HEADERS = 20, 6_000
LONGEST_BODY, LONGEST_CA = 8_000, 12_000
"""Bytes. All together fit into one column, encrypted."""
MOST_REDIRECTS = 5
_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]{1,100}")
_VALUE = re.compile(r"[\t -~]*")
_OURS = {"connection", "content-length", "expect", "te", "trailer", "transfer-encoding", "upgrade"}
"""Headers that say where a request ends."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Header:
    """*secret*: nobody reads the value again; "" stands for the one that is stored."""

    name: str
    value: str = field(default="", repr=False)
    secret: bool = False

    def __post_init__(self) -> None:
        object.__setattr__(self, "value", self.value.strip())
        if not _NAME.fullmatch(self.name) or self.name.lower() in _OURS:
            raise InvalidInput({"name": Problem("invalid_header")})
        if not _VALUE.fullmatch(self.value):
            raise InvalidInput({"value": Problem("control_characters")})


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """*redirects*: how many are followed. *ca*: certificates (PEM) that are trusted in place of the usual ones.

    *is_readable*: False if the key by which it was encrypted is lost; the rest is then missing.
    """

    method: str = METHODS[0]
    headers: tuple[Header, ...] = ()
    body: str | None = field(default=None, repr=False)
    redirects: int = 0
    ca: str | None = None
    is_readable: bool = True

    def given(self) -> Iterator[str]:
        """Yield the names of fields that differ from the usual."""
        yield from (name for name in self.__slots__[:-1] if getattr(self, name) != getattr(PLAIN, name))

    def problems(self) -> dict[str, Problem]:
        """Return what is wrong, by field."""
        headers = "".join(each.name + each.value for each in self.headers)
        texts = {"headers": (headers, LONGEST_HEADERS), "body": (self.body, LONGEST_BODY), "ca": (self.ca, LONGEST_CA)}
        found = {
            name: Problem("too_long", {"limit": limit})
            for name, (text, limit) in texts.items()
            if len((text or "").encode()) > limit
        }
        if self.method not in METHODS:
            found["method"] = Problem("not_one_of", {"choices": ", ".join(METHODS)})
        if len(self.headers) > MOST_HEADERS:
            found["headers"] = Problem("too_many", {"limit": MOST_HEADERS})
        if not 0 <= self.redirects <= MOST_REDIRECTS:
            found["redirects"] = Problem("out_of_range", {"low": 0, "high": MOST_REDIRECTS})
        if self.body is not None and has_control_characters(re.sub(r"[\t\r\n]", "", self.body)):
            found["body"] = Problem("control_characters")
        if self.ca is not None and ("-----BEGIN CERT" not in self.ca or "PRIVATE KEY" in self.ca):
            found["ca"] = Problem("invalid_certificate")
        return found

    def with_secrets_of(self, stored: "Request") -> "Request":
        """Return it with the secret values that it leaves out. Raises InvalidInput if *stored* has none."""
        known = {each.name.lower(): each.value for each in stored.headers if each.secret}
        headers = [
            replace(each, value=each.value or known.get(each.name.lower(), "")) if each.secret else each
            for each in self.headers
        ]
        if missing := [place for place, each in enumerate(headers) if each.secret and not each.value]:
            raise InvalidInput({f"request.headers.{place}.value": Problem("required") for place in missing})
        return replace(self, headers=tuple(headers))


PLAIN = Request()
