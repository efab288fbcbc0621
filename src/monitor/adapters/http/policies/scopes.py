"""Scopes of policies and silences in requests and answers.

In the domain, the scope of one server, check or check-in is its id; here each has a field of its own.
"""

from msgspec import Struct

from monitor.adapters.http.accounts.users import Text
from monitor.adapters.http.edge.bodies import Id
from monitor.application.fleet.directory import Directory
from monitor.application.fleet.visibility import VisibleFleet
from monitor.domain.errors import InvalidInput, NotFound, Problem
from monitor.domain.fleet.servers import Kind, ServerId
from monitor.domain.policies.policies import Scope


class ScopeIn(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Empty: everything. *server_id*: a server with its checks and check-ins."""

    server_id: Id | None = None
    tag: Text | None = None
    check_id: Id | None = None
    check_in_id: Id | None = None

    def to_domain(self, visible: VisibleFleet) -> Scope:
        """Raises InvalidInput naming "scope"; NotFound if the id is that of another kind."""
        given = {Kind.HOST: self.server_id, Kind.CHECK: self.check_id, Kind.CHECK_IN: self.check_in_id}
        ids = {kind: ServerId(each) for kind, each in given.items() if each is not None}
        if len(ids) > 1:
            raise InvalidInput({"scope": Problem("scope_of_one_kind")})
        for kind, id_ in ids.items():
            found = visible.find(id_)
            if found is not None and found.kind is not kind:
                raise NotFound
        try:
            return Scope(server_id=next(iter(ids.values()), None), tag=self.tag)
        except InvalidInput as error:
            raise InvalidInput({"scope": next(iter(error.problems.values()))}) from None


class ScopeOut(Struct, frozen=True, kw_only=True, omit_defaults=True):
    server_id: int | None = None
    tag: str | None = None
    check_id: int | None = None
    check_in_id: int | None = None

    @staticmethod
    def of(scope: Scope, directory: Directory) -> "ScopeOut":
        held = directory.watched(scope.server_id) if scope.server_id is not None else None
        match held.kind if held is not None else Kind.HOST:
            case Kind.HOST:
                return ScopeOut(server_id=scope.server_id, tag=scope.tag)
            case Kind.CHECK:
                return ScopeOut(check_id=scope.server_id)
            case Kind.CHECK_IN:
                return ScopeOut(check_in_id=scope.server_id)
