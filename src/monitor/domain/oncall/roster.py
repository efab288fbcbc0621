"""The roster: all rotas, escalations and ways, as a process keeps them in memory."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from monitor.domain.accounts.actors import UserId
from monitor.domain.fleet.teams import EscalationId, Team
from monitor.domain.oncall.escalations import Escalation
from monitor.domain.oncall.rotas import Rota, RotaId
from monitor.domain.oncall.ways import MAIL, Way


@dataclass(frozen=True, slots=True, kw_only=True)
class Roster:
    """*ways*: of people who chose them, in their order."""

    rotas: Mapping[RotaId, Rota] = field(default_factory=dict)
    escalations: Mapping[EscalationId, Escalation] = field(default_factory=dict)
    ways: Mapping[UserId, Sequence[Way]] = field(default_factory=dict)

    def ways_of(self, user_id: UserId) -> Sequence[Way]:
        """Return a person's ways. Who chose none has mail at once."""
        return self.ways.get(user_id) or (Way(user_id=user_id, kind=MAIL),)

    def escalations_for(self, own: EscalationId | None, teams: Sequence[Team]) -> list[Escalation]:
        """Return who is notified of an alert: by the policy's *own* escalation, else by those of the server's *teams*.

        Empty: the people linked to the server.
        """
        ids = [own] if own is not None else [team.escalation_id for team in teams]
        return [self.escalations[each] for each in dict.fromkeys(ids) if each is not None and each in self.escalations]


NO_ROSTER = Roster()
