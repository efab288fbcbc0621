"""Which Content-Encodings a client takes (RFC 9110, 12.5.3)."""

from collections.abc import Iterable


def best(accepted: bytes, codings: Iterable[str]) -> str:
    """The first of *codings* that the header's value allows; "" for the plain form."""
    named = dict(_weighted(part) for part in accepted.decode("latin-1").lower().split(","))
    return next((coding for coding in codings if named.get(coding, named.get("*", 0)) > 0), "")


def _weighted(part: str) -> tuple[str, float]:
    coding, _, parameter = part.partition(";")
    try:
        return coding.strip(), float(parameter.strip().removeprefix("q=") or 1)
    except ValueError:
        return coding.strip(), 0
