"""What a harm did: read from every node's tables, the mailbox and the processes' logs, not asked of the product."""

import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial

from tests.integration.alerts.losses import Key, doubled_mails, offline_alerts, stored_samples, unmailed
from tests.integration.alerts.mail_server import Mail, MailServer
from tests.integration.cluster.agents import Agents
from tests.integration.cluster.whole import Whole

SETTLED_WITHIN = 150.0
"""Seconds: a mail that was claimed by a process that died is sent two minutes later."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Findings:
    """*missing*, *doubled*: samples on the worst node. *unmailed*: events times recipients without a mail.

    *answers*: what agents were answered that stored nothing. *waiting*: samples that agents could not deliver.
    """

    acknowledged: int
    missing: int
    doubled: int
    offline: int
    alerts: int
    unmailed: int
    doubled_mails: int
    answers: Counter[str]
    waiting: int
    tracebacks: Sequence[str]

    @property
    def are_clean(self) -> bool:
        wrong = self.missing, self.doubled, self.offline, self.unmailed, self.waiting, len(self.tracebacks)
        return self.acknowledged > 0 and not any(wrong)


class Observer:
    """Sees what happens from now on."""

    def __init__(self, cluster: Whole, agents: Agents, mails: MailServer, recipients: int) -> None:
        self._cluster, self._agents, self._mails, self._recipients = cluster, agents, mails, recipients
        self._since = _now()
        self._mails_before = len(mails.mails)
        self._answers_before = agents.answers()
        self._said_before = _said(cluster)

    def findings(self, patience: float = SETTLED_WITHIN) -> Findings:
        """Return what is found now; what may still come late is waited for."""
        until, acknowledged = _now(), {key for key in self._agents.acknowledged() if key[1] >= self._since}
        give_up = time.monotonic() + patience
        while True:
            found = self._found(acknowledged, until, self._mails.mails[self._mails_before :])
            if found.are_clean or found.tracebacks or time.monotonic() > give_up:
                return found
            time.sleep(1)

    def _found(self, acknowledged: set[Key], until: str, mails: Sequence[Mail]) -> Findings:
        nodes = [partial(node.rows, database=self._cluster.database) for node in self._cluster.galera.nodes]
        held = [stored_samples(rows, self._since) for rows in nodes]
        events, not_mailed = unmailed(nodes[0], mails, self._recipients, self._since, until)
        return Findings(
            acknowledged=len(acknowledged),
            missing=max(len(acknowledged - copies.keys()) for copies in held),
            doubled=max(sum(n - 1 for n in copies.values()) for copies in held),
            offline=offline_alerts(nodes[0], self._since),
            alerts=events,
            unmailed=not_mailed,
            doubled_mails=doubled_mails(mails),
            answers=self._agents.answers() - self._answers_before,
            waiting=self._waiting(until),
            tracebacks=self._tracebacks(),
        )

    def _waiting(self, until: str) -> int:
        return sum(at <= until for agent in self._agents.each for at in agent.taken - agent.acknowledged)

    def _tracebacks(self) -> list[str]:
        new = [said[len(before) :] for said, before in zip(_said(self._cluster), self._said_before, strict=True)]
        return [f"Traceback{part[:4000]}" for said in new for part in said.split("Traceback")[1:]]


def _said(cluster: Whole) -> list[str]:
    return [process.said for process in cluster.processes]


def _now() -> str:
    return f"{datetime.now(UTC):%Y-%m-%d %H:%M:%S.%f}"
