"""What all parts of a core share: the container, whose rights count, and whether it is closed."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from monitor.application.ports import Clock
from monitor.container import Container
from monitor.domain.accounts.actors import Actor
from monitor.errors import Closed
from monitor.library.hearing import Hearing
from monitor.library.working import Work


class Shared:
    """What a core shares with those that act as somebody else. *storing*: held by who stores samples without the queue:
    one thread at a time may."""

    def __init__(self, container: Container, hearing: Hearing) -> None:
        self.container = container
        self.hearing = hearing
        self.storing = threading.Lock()
        self.work = Work(container, self.storing)
        self.is_closed = False

    @contextmanager
    def working(self) -> Iterator[Container]:
        """Yield the parts, with a fleet of now; then let callbacks hear what happened. Raises Closed."""
        if self.is_closed:
            raise Closed
        self.container.fleet.refresh()
        yield self.container
        self.hearing.settle()


class Base:
    """*actor*: whose rights count."""

    def __init__(self, shared: Shared, actor: Actor) -> None:
        self._shared = shared
        self.actor = actor

    @property
    def clock(self) -> Clock:
        return self._shared.container.clock
