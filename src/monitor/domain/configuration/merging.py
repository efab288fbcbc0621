"""A stored thing with what a file says of it: what a file does not show, such as secrets, stays as it is."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from monitor.domain.configuration import values
from monitor.domain.configuration.references import Installation, References
from monitor.domain.configuration.sections import CHANNELS, CHECKS, POLICIES, TEAMS, Section
from monitor.domain.configuration.values import Plain, Unread
from monitor.domain.configuration.writing import without_secrets, written
from monitor.domain.errors import Problem
from monitor.domain.notifications.channels import MASK, Channel
from monitor.domain.policies.policies import checked_policy

_CHECKED = {"metric", "kind", "warning", "critical", "direction", "clear_margin"}
"""Fields of a policy whose change has it checked again: a stored one may be older than the rules."""


@dataclass(frozen=True, slots=True)
class Merging:
    refs: References
    installation: Installation

    def __call__(self, section: Section, given: Mapping[str, Plain], fresh: Any, stored: Any) -> Any:
        """Return *stored* with the fields that differ: the same object if none does. Without one: *fresh*, with an id.

        *given*: the fields as the file has them. Raises Unread.
        """
        changed = self._new(section, fresh) if stored is None else self._changed(section, given, fresh, stored)
        if section is CHECKS and "target" in changed and f"{MASK}@" in changed["target"]:
            raise Unread(Problem("masked"), ("target",))
        if section is CHANNELS and "settings" in changed:
            self._check_settings(fresh, changed["settings"])
        if not changed:
            return stored
        if stored is None:
            thing = replace(fresh, id=self.refs.new_id(), **changed)
        else:
            thing = values.built(lambda: replace(stored, **changed))
        if section is POLICIES and _CHECKED & changed.keys():
            values.built(lambda: checked_policy(thing))
        return thing

    def _new(self, section: Section, fresh: Any) -> dict[str, Any]:
        found = {field.of: getattr(fresh, field.of) for field in section.fields}
        if section is CHANNELS:
            found["settings"] = {name: value for name, value in fresh.settings.items() if value}
        return found

    def _changed(self, section: Section, given: Mapping[str, Plain], fresh: Any, stored: Any) -> dict[str, Any]:
        wanted = written(section, fresh, self.refs, self.installation)
        known = written(section, stored, self.refs, self.installation)
        found = {
            field.of: getattr(fresh, field.of)
            for field in section.fields
            if not field.hides and wanted.get(field.name) != known.get(field.name)
        }
        if section.is_named and fresh.name != stored.name:
            found["name"] = fresh.name
        if section is TEAMS and fresh.oidc_group is None:  # log-ins decide no longer who they are
            found["user_ids"] = fresh.user_ids
        if section is CHECKS and given.get("target") != known["target"]:
            found["target"] = fresh.target
        if section is CHANNELS and (settings := self._settings(fresh, stored)) != stored.settings:
            found["settings"] = settings
        return {name: value for name, value in found.items() if value != getattr(stored, name)}

    def _settings(self, fresh: Channel, stored: Channel) -> Mapping[str, str]:
        """Return the stored secrets, except those that the file has anew, and all other settings as in the file."""
        shown = without_secrets(dict(stored.settings), stored.kind, self.installation, readable=stored.readable)
        hidden = {name: value for name, value in stored.settings.items() if name not in shown}
        return hidden | {name: value for name, value in fresh.settings.items() if value and value != MASK}

    def _check_settings(self, channel: Channel, settings: Mapping[str, str]) -> None:
        form = self.installation.forms.get(channel.kind)
        if form is None:
            raise Unread(Problem("not_one_of", {"choices": ", ".join(sorted(self.installation.forms))}), ("kind",))
        for name, problem in form.problems(settings).items():
            raise Unread(problem, ("settings", name))
