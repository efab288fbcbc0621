"""How JSON bodies are decoded."""

from typing import Any

import msgspec

from monitor.adapters.http.edge.errors import NotJson
from monitor.adapters.http.edge.msgspec_sentences import read_error
from monitor.domain.errors import InvalidInput, Problem

MAX_BODY = 1_000_000


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
