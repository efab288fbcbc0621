"""Errors of the fleet: servers, teams and API keys."""

from monitor.domain.errors import Conflict, Forbidden, NotFound, Unauthenticated


class InvalidApiKey(Unauthenticated, reason="invalid_api_key"):
    """The key is unknown, or its server was deleted."""


class ForeignAddress(Forbidden, reason="foreign_address"):
    """A server's own key was used with another server's address."""


class HostReports(Forbidden, reason="unregistered_host"):
    """An unregistered host reports from this address; only administrators may register it."""


class TeamTag(Forbidden, reason="team_tag"):
    """A team carries *tag*, so that only its members with write access, and administrators, may give it to a server."""

    def __init__(self, tag: str) -> None:
        super().__init__(tag)
        self.tag = tag


class UnknownHost(NotFound, reason="unknown_host"):
    """A report from an address that no server has."""


class TeamNameTaken(Conflict, reason="team_name_taken"):
    """Another team has this name, or one that compares equal."""


class AddressTaken(Conflict, reason="ip_address_taken"):
    """Another server has this address."""
