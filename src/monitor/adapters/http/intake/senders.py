"""Notes what senders of samples say of themselves: their clocks and agents."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from monitor.adapters.http.edge import times
from monitor.adapters.http.intake.reports import Report, to_agent
from monitor.application.fleet.fleet import Fleet
from monitor.domain.fleet.servers import AgentInfo, ServerId
from monitor.domain.intake.live import Live
from monitor.domain.intake.samples import Sample, clock_skew


@dataclass(frozen=True, slots=True)
class Senders:
    fleet: Fleet

    def note_clocks(
        self, servers: Collection[ServerId], date: str, now: datetime, refused: Mapping[ServerId, datetime]
    ) -> None:
        """Note the clock of the only server; of several, *date* is by the clock of the host that gathered them."""
        is_one = len(servers) == 1
        for server_id in servers if is_one else refused:
            self.note_clock(server_id, date if is_one else "", now, refused.get(server_id))

    def note_clock(self, server_id: ServerId, date: str, now: datetime, refused: datetime | None = None) -> None:
        """Note what the header *date* says of a sender's clock; without it, the time of a sample that is *refused*."""
        said = times.of_header(date)
        if said is None and refused is not None and refused > now:
            said = refused
        self.fleet.note_clock(server_id, clock_skew(said, now) if said is not None else None)

    def note_agents(self, stored: Iterable[tuple[Sample, Report]], sender: bytes) -> None:
        """Note what agents said last, unless a newer sample is known (a backlog is of an older agent), and of hosts."""
        agents: dict[ServerId, tuple[datetime, AgentInfo]] = {}
        for sample, report in stored:
            if (agent := to_agent(report, sender)) is not None:
                said = sample.recorded_at, agent
                agents[sample.server_id] = max(agents.get(sample.server_id, said), said)
            if report.agent is not None and report.agent.facts is not None:
                self.fleet.note_facts(sample, report.agent.facts)
        for server_id, (at, agent) in agents.items():
            newest = self.fleet.live.get(server_id, Live()).sample
            if newest is None or at >= newest.recorded_at:
                self.fleet.note_agent(server_id, agent)
