"""Where VictoriaMetrics is, as HISTORY_URL says it."""

from dataclasses import dataclass, field
from urllib.parse import urlsplit, urlunsplit


@dataclass(frozen=True, slots=True)
class VictoriaAddress:
    """Addresses to write to and to read from, the same for a single node. Its repr shows no password.

    *token*: sent as a Bearer token. Otherwise user and password of the address are sent.
    """

    insert: str = field(repr=False)
    select: str = field(repr=False)
    token: str | None = field(default=None, repr=False)

    @property
    def is_single(self) -> bool:
        return self.insert == self.select

    @property
    def has_password(self) -> bool:
        return any("@" in urlsplit(address).netloc for address in (self.insert, self.select))

    @property
    def delete(self) -> str:
        """Where series are deleted: beside the reading of a cluster."""
        return self.select.replace("/select/", "/delete/", 1)

    @property
    def shown(self) -> str:
        """The address to write to, without password."""
        parts = urlsplit(self.insert)
        return urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2]))


def parsed_address(text: str) -> VictoriaAddress:
    """Return the address of a node, or of a cluster's vminsert and vmselect by comma. Raises ValueError."""
    found = [part.strip().rstrip("/") for part in text.split(",")]
    for each in found:
        try:
            parts = urlsplit(each)
            is_good = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0 and not parts.query
        except ValueError:
            is_good = None
        if not is_good or any(letter.isspace() for letter in each):
            raise ValueError("must be an address such as http://127.0.0.1:8428")
    if len(found) > 2:
        raise ValueError("must be one address, or those of vminsert and vmselect separated by a comma")
    return VictoriaAddress(found[0], found[-1])
