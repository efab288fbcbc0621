"""The scope of a policy or a silence in columns."""

from typing import Any

from sqlalchemy import Row

from monitor.domain.policies import Scope
from monitor.domain.servers import ServerId
from monitor.domain.text import as_read


def to_scope(row: Row[Any]) -> Scope:
    return Scope(
        server_id=None if row.server_id is None else ServerId(row.server_id),
        tag=None if row.tag is None else as_read(row.tag),
    )


def scope_columns(scope: Scope) -> dict[str, Any]:
    return {"server_id": scope.server_id, "tag": scope.tag}


def scope_key(scope: Scope) -> str:
    """The whole of it in one text."""
    if scope.server_id is not None:
        return f"server:{scope.server_id}"
    return "everything" if scope.tag is None else f"tag:{scope.tag}"
