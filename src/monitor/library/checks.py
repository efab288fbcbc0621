"""Checks: what is asked from here whether it answers."""

from typing import Any

from monitor.application.checks.checks import CreateCheck, DeleteCheck
from monitor.application.checks.results import CheckResults
from monitor.application.checks.runs import RunCheck
from monitor.application.intake.store_samples import StoreSamples
from monitor.domain.checks.checks import Check, StoredCheck
from monitor.domain.checks.kinds import KINDS
from monitor.domain.errors import InvalidInput, Problem
from monitor.domain.fleet.servers import Kind, Server
from monitor.library.asked import Group, Named


class Checks(Group):
    """`core.checks`: URLs, ports and names that must answer."""

    def add(self, name: str, kind: str, target: str, *, server: Named | None = None, **options: Any) -> Check:
        """Create a check. *kind*: `http`, `tcp`, `ping`, `dns` or `tls`. *options*: *interval*, *timeout* (seconds),
        *attempts*. Raises InvalidInput, NotFound, Forbidden."""
        if kind not in KINDS:
            raise InvalidInput({"kind": Problem("invalid_choice")})
        host_id = None if server is None else self._found(server, Kind.HOST).id
        with self._working() as container:
            now = container.clock.now().replace(microsecond=0)
            check = Check(name=name, kind=KINDS[kind], target=target, created_at=now, host_id=host_id, **options)
            return container.get(CreateCheck)(self.actor, check).check

    def list(self) -> list[Server]:
        """Return the checks that the actor sees, as what has alerts and silences, in id order."""
        with self._working() as container:
            visible = container.fleet.visible_to(self.actor)
            checks = visible.directory.checks.values()
            return sorted((c for c in checks if c.kind is Kind.CHECK and visible.sees(c.id)), key=lambda c: c.id)

    def run(self, check: "Named | Check") -> StoredCheck:
        """Run a check now, store the result, and return it. Raises NotFound, Forbidden, Conflict if it is paused."""
        found = self._found(check.id if isinstance(check, Check) else check, Kind.CHECK)
        with self._working() as container:
            stored = container.get(RunCheck)(self.actor, found.id)
            with self._shared.storing:
                container.get(StoreSamples)(container.get(CheckResults).take())
        return stored

    def remove(self, check: "Named | Check") -> None:
        """Delete a check with its history. Raises NotFound, Forbidden."""
        found = self._found(check.id if isinstance(check, Check) else check, Kind.CHECK)
        with self._working() as container:
            container.get(DeleteCheck)(self.actor, found.id)
