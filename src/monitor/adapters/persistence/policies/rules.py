"""Store policies and silences: what alerts, and what notifies nobody meanwhile."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from functools import lru_cache
from typing import Any

import msgspec
import structlog
from sqlalchemy import ColumnElement, Connection, Row, delete, exists, select, true, update

from monitor.adapters.persistence.engine.errors import KeyTaken
from monitor.adapters.persistence.engine.repositories import SqlRepository
from monitor.adapters.persistence.engine.statements import columns_of, entity_of, found_row, insert_row
from monitor.adapters.persistence.fleet.conditions import ids_seen_by
from monitor.adapters.persistence.tables.fleet import server_tags, servers
from monitor.adapters.persistence.tables.policies import alert_policies, silences
from monitor.application.alerts.ports import AlertPolicies, Silences
from monitor.application.fleet.ports import Tracked
from monitor.domain.accounts.actors import Actor
from monitor.domain.errors import InvalidInput, NotFound, PolicyExists
from monitor.domain.policies.policies import Policy, PolicyId, Scope
from monitor.domain.policies.silences import Silence, SilenceId
from monitor.domain.recurrence import Recurrence
from monitor.domain.text import as_read


def to_scope(row: Row[Any]) -> Scope:
    return entity_of(Scope, row, tag=None if row.tag is None else as_read(row.tag))


def scope_key(policy: Policy) -> str:
    """Return its scope as one text, with its kind unless that is a threshold, for a unique index beside the metric."""
    kind = f"{policy.kind.mark} " if policy.kind.mark else ""
    if policy.scope.server_id is not None:
        return f"{kind}server:{policy.scope.server_id}"
    return f"{kind}everything" if policy.scope.tag is None else f"{kind}tag:{policy.scope.tag}"


class SqlAlertPolicies(SqlRepository, AlertPolicies):
    def add(self, policy: Policy) -> Policy:
        with self._free_key(policy):
            policy = replace(policy, id=PolicyId(insert_row(self._connection, alert_policies, policy_row(policy))))
        self._log.note(Tracked.RULES)
        return policy

    def get(self, policy_id: PolicyId) -> Policy:
        wanted = select(alert_policies).where(alert_policies.c.id == policy_id).with_for_update()
        return to_policy(found_row(self._connection, wanted, f"policy {policy_id}"))

    def save(self, policy: Policy) -> None:
        stored = update(alert_policies).where(alert_policies.c.id == policy.id)
        with self._free_key(policy):
            self._changed(policy.id, self._connection.execute(stored.values(policy_row(policy))).rowcount)

    def delete(self, policy_id: PolicyId) -> None:
        stored = delete(alert_policies).where(alert_policies.c.id == policy_id)
        self._changed(policy_id, self._connection.execute(stored).rowcount)

    def all(self) -> list[Policy]:
        return all_policies(self._connection)

    @contextmanager
    def _free_key(self, policy: Policy) -> Iterator[None]:
        """Raises PolicyExists if another policy has the same metric, kind and scope."""
        same = (alert_policies.c.metric == policy.metric) & (alert_policies.c.scope_key == scope_key(policy))
        if self._connection.scalars(select(alert_policies.c.id).where(same)).first() not in (None, policy.id):
            raise PolicyExists
        try:
            yield
        except KeyTaken as error:  # by a transaction that committed after the check
            raise PolicyExists from error

    def _changed(self, policy_id: PolicyId, rows: int) -> None:
        if not rows:
            raise NotFound(f"no policy {policy_id}")
        self._log.note(Tracked.RULES)


def all_policies(connection: Connection) -> list[Policy]:
    return [to_policy(row) for row in connection.execute(select(alert_policies).order_by(alert_policies.c.id))]


def to_policy(row: Row[Any]) -> Policy:
    return entity_of(Policy, row, scope=to_scope(row), note=row.note or "")


def policy_row(policy: Policy) -> dict[str, Any]:
    return columns_of(policy, "scope") | columns_of(policy.scope) | {"scope_key": scope_key(policy)}


log = structlog.get_logger()

_encode = msgspec.json.Encoder().encode
_decode = lru_cache(10_000)(msgspec.json.Decoder(Recurrence).decode)
"""Cached, because all rules are read again after each change of one, and of a server or user that is deleted."""


class SqlSilences(SqlRepository, Silences):
    def add(self, silence: Silence) -> Silence:
        silence = replace(silence, id=SilenceId(insert_row(self._connection, silences, _silence_row(silence))))
        self._log.note(Tracked.RULES)
        return silence

    def get(self, silence_id: SilenceId, *, visible_to: Actor) -> Silence:
        wanted = select(silences).where(silences.c.id == silence_id, _seen_by(visible_to))
        return to_silence(found_row(self._connection, wanted, f"silence {silence_id}"))

    def end(self, silence_id: SilenceId, at: datetime) -> None:
        if not self._connection.execute(
            update(silences).where(silences.c.id == silence_id).values(ends_at=at)
        ).rowcount:
            raise NotFound(f"no silence {silence_id}")
        self._log.note(Tracked.RULES)

    def delete(self, silence_id: SilenceId) -> None:
        self._delete(silences.c.id == silence_id)

    def delete_before(self, at: datetime) -> None:
        self._delete(silences.c.ends_at < at)

    def _delete(self, unwanted: ColumnElement[bool]) -> None:
        if self._connection.execute(delete(silences).where(unwanted)).rowcount:
            self._log.note(Tracked.RULES)

    def all(self) -> list[Silence]:
        return all_silences(self._connection)


def all_silences(connection: Connection) -> list[Silence]:
    """Return all silences in id order, without those that are invalid in more than the recurrence."""
    found = []
    for row in connection.execute(select(silences).order_by(silences.c.id)):
        try:
            found.append(to_silence(row))
        except InvalidInput as error:
            log.warning("a silence cannot be read", silence=row.id, error=repr(error))
    return found


def _seen_by(actor: Actor) -> ColumnElement[bool]:
    """Return the condition that a silence covers a server that *actor* may see."""
    if actor.is_admin:
        return true()
    seen = ids_seen_by(actor)
    tags = select(server_tags.c.tag).where(server_tags.c.server_id.in_(seen))
    everything = silences.c.server_id.is_(None) & silences.c.tag.is_(None)
    checks = select(servers.c.id).where(servers.c.host_id.in_(seen))
    return (
        silences.c.server_id.in_(seen)
        | silences.c.server_id.in_(checks)
        | silences.c.tag.in_(tags)
        | (everything & exists(seen))
    )


def to_silence(row: Row[Any]) -> Silence:
    """Return the silence of *row*. Raises InvalidInput.

    One with an invalid recurrence, such as a time zone unknown to this machine, is returned too, so that it can be
    deleted.
    """
    recurrence, readable = None, True
    try:
        recurrence = None if row.recurrence is None else _decode(row.recurrence)
    except (InvalidInput, msgspec.MsgspecError) as error:
        readable = False
        log.warning("the recurrence of a silence cannot be read", silence=row.id, error=repr(error))
    return entity_of(Silence, row, scope=to_scope(row), recurrence=recurrence, readable=readable)


def _silence_row(silence: Silence) -> dict[str, Any]:
    recurrence = None if silence.recurrence is None else _encode(silence.recurrence).decode()
    return columns_of(silence, "scope", "readable") | columns_of(silence.scope) | {"recurrence": recurrence}
