"""A database that takes no samples: what readiness sees, and who is notified, without the database."""

import threading
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from types import MappingProxyType

import pytest

from monitor.application.intake.queue import IntakeQueue, Submission
from monitor.application.intake.scrapes import PutTogether
from monitor.application.intake.store_samples import Outcome, StoreSamples
from monitor.application.notifications.sender_ports import SendResult, SendStatus
from monitor.application.operations.storing import WatchStoring
from monitor.domain.accounts.account_mails import AccountEvent
from monitor.domain.accounts.actors import Role
from monitor.domain.errors import StorageUnavailable
from monitor.domain.fleet.servers import ServerId, UnregisteredHost
from monitor.domain.intake.samples import Sample
from tests.contracts.threads import until
from tests.unit.application.core import Core

FAILS, WORKS = AccountEvent.STORING_FAILS, AccountEvent.STORING_WORKS


@dataclass(frozen=True, slots=True)
class Disk(StoreSamples):
    """Takes no samples while it is full."""

    full: threading.Event = field(default_factory=threading.Event)

    def __call__(
        self,
        samples: Sequence[Sample],
        unregistered: Sequence[UnregisteredHost] = (),
        scrapes: PutTogether | None = None,
        refused: Mapping[ServerId, datetime] = MappingProxyType({}),
    ) -> list[Outcome]:
        if self.full.is_set():
            raise StorageUnavailable("database or disk is full")
        return StoreSamples.__call__(self, samples, unregistered, scrapes, refused)


class Scene:
    def __init__(self, core: Core) -> None:
        self.core = core
        core.user("ann", Role.ADMIN, email="ann@example.org", locale="en")
        core.user("bob", Role.ADMIN)
        core.user("eve", email="eve@example.org")
        self.server = core.server()
        core.fleet.refresh()
        self.disk = Disk(core.new_uow, core.fleet, core.alerting, core.clock)
        self.queue = IntakeQueue(self.disk)
        self.delivered: list[Submission] = []
        self.queue.start(self.delivered.extend)
        self.watch = WatchStoring(self.queue, core.fleet, core.mailer, core.clock, "monitor-1")

    def report(self) -> Submission:
        submission = Submission([self.core.sample(self.server, len(self.delivered))])
        self.queue.put(submission)
        until(lambda: submission in self.delivered)
        return submission

    def later(self, seconds: float) -> list[str]:
        """Let time pass, and return what the worker logs."""
        said = []
        for _ in range(round(seconds / 2)):
            self.core.clock.advance(timedelta(seconds=2))
            try:
                self.watch()
            except StorageUnavailable as error:
                said.append(str(error))
            until(lambda: self.queue.depth == 0)
        return said

    def is_failing(self) -> bool:
        return self.queue.failure is not None

    @property
    def mails(self) -> list[tuple[str, AccountEvent]]:
        return [(notice.mail.email, notice.mail.event) for notice in self.core.mailer.notices]


@pytest.fixture
def scene(core: Core) -> Iterator[Scene]:
    scene = Scene(core)
    yield scene
    scene.disk.full.clear()
    scene.queue.close(10)


def test_administrators_are_notified_once_of_a_failure_and_of_its_end(scene: Scene) -> None:
    assert scene.later(100) == []
    scene.disk.full.set()
    assert isinstance(scene.report().error, StorageUnavailable)
    assert len(scene.later(56)) == 28
    assert scene.mails == []
    [*_, said] = scene.later(3_600)
    assert said.startswith("samples are refused since ")
    assert said.endswith(" UTC: database or disk is full")
    assert scene.mails == [("ann@example.org", FAILS)]
    scene.disk.full.clear()
    scene.later(600)
    assert scene.mails == [("ann@example.org", FAILS), ("ann@example.org", WORKS)]


def test_what_failed_is_tried_again_so_that_an_end_is_noticed_though_nobody_sends(scene: Scene) -> None:
    scene.disk.full.set()
    scene.report()
    scene.later(10)
    assert scene.is_failing()
    scene.disk.full.clear()
    scene.later(4)
    assert not scene.is_failing()
    assert len(scene.core.stored_samples()) == 1
    assert len(scene.delivered) == 1, "nobody waits for what is tried again"


def test_a_short_failure_is_not_notified_of(scene: Scene) -> None:
    for _ in range(5):
        scene.disk.full.set()
        scene.report()
        scene.later(40)
        scene.disk.full.clear()
        scene.later(100)
    assert scene.mails == []


@pytest.mark.parametrize("status", [SendStatus.RETRY, SendStatus.REFUSED])
def test_a_mail_that_was_not_taken_is_sent_again_each_minute(scene: Scene, status: SendStatus) -> None:
    scene.core.mailer.answers["ann@example.org"] = SendResult(status, "busy")
    scene.disk.full.set()
    scene.report()
    scene.later(200)
    assert scene.mails == []
    del scene.core.mailer.answers["ann@example.org"]
    scene.later(62)
    assert scene.mails == [("ann@example.org", FAILS)]
