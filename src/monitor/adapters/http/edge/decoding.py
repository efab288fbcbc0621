"""How JSON bodies are decoded, and what msgspec's errors mean.

msgspec says what is wrong only in a sentence. Each sentence has a test, and `pyproject.toml` allows only the release
that was tested. An unknown sentence goes to the client unchanged.
"""

import re
from typing import Any

import msgspec

from monitor.adapters.http.edge.errors import NotJson
from monitor.domain.errors import InvalidInput, Problem

MAX_BODY = 1_000_000
_NAMED = re.compile(r"Object (contains unknown|missing required) field `(.*)`", re.DOTALL)
_TYPES = re.compile(r"Expected `([^`]+)`(?:, got `|$)")
_LENGTH = re.compile(r"Expected `([^`]+)` of length (<=|>=) (\d+)$")
_RULE = re.compile(r"Expected `[^`]+` (.+)", re.DOTALL)


def decoded(body: bytes | msgspec.Raw, decoder: msgspec.json.Decoder[Any]) -> Any:
    """Raises NotJson, and InvalidInput naming the first field that does not fit."""
    if body == b"":
        raise InvalidInput({"body": Problem("required")})
    try:
        return decoder.decode(body)
    except msgspec.ValidationError as error:
        name, problem = read_error(error)
        raise InvalidInput({name: problem}) from None
    # RecursionError: nested a thousand levels deep.
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise NotJson from None


def read_error(error: msgspec.ValidationError) -> tuple[str, Problem]:
    """Field name and problem from the error of a body: a sentence and, after it, the path to the value."""
    message, _, place = str(error).partition(" - at `")
    path = place.removeprefix("key` in `").removeprefix("$").removeprefix(".").rstrip("`")
    return read_problem(path, message)


def read_problem(key: str, message: str) -> tuple[str, Problem]:
    """Field name and problem from a sentence without its path; *key* is the path to the value ("data" for the body)."""
    prefix = "" if key in ("data", "") else f"{key}."
    if named := _NAMED.match(message):
        return prefix + named[2], Problem("unknown_field" if named[1].startswith("contains") else "required")
    name = prefix.rstrip(".") or "body"
    if types := _TYPES.match(message):
        return name, Problem("wrong_type", {"expected": types[1]})
    if length := _LENGTH.match(message):
        return name, _length_problem(length[1], length[2], int(length[3]))
    if rule := _RULE.match(message):
        return name, Problem("invalid_value", {"rule": rule[1]})
    if message.startswith(("Invalid enum value", "Invalid value")):
        return name, Problem("invalid_choice")
    if message == "Number out of range":
        return name, Problem("not_finite")
    if message == "Invalid RFC3339 encoded datetime":
        return name, Problem("invalid_time")
    if name == "body":
        return name, Problem("required")
    return name, Problem("invalid_value", {"rule": message})


def _length_problem(kind: str, relation: str, limit: int) -> Problem:
    if relation == ">=":
        return Problem("empty")
    return Problem("too_long" if kind.startswith("str") else "too_many", {"limit": limit})
