"""Errors of the fleet: servers, teams and API keys."""

from monitor.domain.errors import Conflict, Forbidden, NotFound, Unauthenticated


class InvalidApiKey(Unauthenticated):
    reason = "invalid_api_key"


class ForeignAddress(Forbidden):
    """A server's own key was used with another server's address."""

    reason = "foreign_address"


class HostReports(Forbidden):
    """An unregistered host reports from this address; only administrators may register it."""

    reason = "unregistered_host"


class TeamTag(Forbidden):
    """A team carries *tag*, so that only its members with write access, and administrators, may give it to a server."""

    reason = "team_tag"

    def __init__(self, tag: str) -> None:
        super().__init__(tag)
        self.tag = tag


class UnknownHost(NotFound):
    """A report from an address that no server has."""

    reason = "unknown_host"


class TeamNameTaken(Conflict):
    reason = "team_name_taken"


class AddressTaken(Conflict):
    reason = "ip_address_taken"
