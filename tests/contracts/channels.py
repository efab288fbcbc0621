from collections.abc import Callable
from dataclasses import replace

import pytest

from monitor.application.operations.ports import UnitOfWork
from monitor.domain.errors import NotFound
from monitor.domain.fleet.servers import ServerId
from monitor.domain.fleet.teams import Reach, TeamId
from monitor.domain.levels import Level
from monitor.domain.notifications.channels import MAX_SCOPE, ChannelId, ChannelKind, ChannelScope
from tests.contracts.builders import HOSTILE, SECOND, a_channel, stored_channel, stored_server, stored_team
from tests.contracts.threads import at_once, until_no_conflict

UNKNOWN = ChannelId(1_000_000)


class ChannelsContract:
    @pytest.mark.parametrize("text", HOSTILE)
    def test_an_added_channel_is_read_back_equal(self, new_uow, text):
        """Names and settings unchanged, secrets included."""
        channel = stored_channel(
            new_uow,
            (text * 10)[:100].strip(),
            kind=ChannelKind("apprise"),
            settings={"url": text * 20, text: "", "": text, "locale": "en"},
            least_level=Level.CRITICAL,
            enabled=False,
        )
        assert channel.id > 0
        with new_uow() as uow:
            found = uow.channels.get(channel.id)
            assert found == channel
            assert dict(found.settings) == dict(channel.settings)
            assert isinstance(found.least_level, Level)

    @pytest.mark.parametrize("kind", [ChannelKind("email"), ChannelKind("webhook"), ChannelKind("sixteen_letters_")])
    def test_each_kind_is_kept_and_needs_no_settings(self, new_uow, kind):
        channel = stored_channel(new_uow, kind=kind, settings={})
        with new_uow() as uow:
            assert uow.channels.get(channel.id) == channel

    @pytest.mark.parametrize(
        "scope",
        [
            ChannelScope(),
            ChannelScope(tag="数据库"),
            ChannelScope(team_id=TeamId(7)),
            ChannelScope(server_ids=frozenset(map(ServerId, range(1, MAX_SCOPE + 1)))),
            ChannelScope(check_ids=frozenset({ServerId(3)})),
        ],
        ids=lambda scope: str(scope)[:40],
    )
    def test_each_scope_is_kept(self, new_uow, queries, scope):
        channel = stored_channel(new_uow, scope=scope)
        with new_uow() as uow:
            assert uow.channels.get(channel.id).scope == scope
            uow.channels.save(replace(channel, name="other"))
            assert uow.channels.get(channel.id).scope == scope
        assert [each.scope for each in queries.fleet.snapshot().channels] == [scope]

    def test_a_scope_never_becomes_everything(self, new_uow, queries):
        """It covers what is left of it: ids of what is deleted are not used again."""
        team, servers = stored_team(new_uow), [stored_server(new_uow, f"192.0.2.{n}") for n in (1, 2)]
        ids = frozenset(server.id for server in servers)
        scopes = [ChannelScope(team_id=team.id), ChannelScope(server_ids=ids), ChannelScope(check_ids=ids)]
        for scope in scopes:
            stored_channel(new_uow, scope=scope)
        with new_uow() as uow:
            uow.teams.delete(team.id)
            uow.servers.delete([server.id for server in servers])
            uow.commit()
        found = [channel.scope for channel in queries.fleet.snapshot().channels]
        assert found == scopes
        stored_team(new_uow, server_ids=frozenset({stored_server(new_uow).id}))
        reach = Reach.of(queries.fleet.snapshot().teams)
        assert not any(scope.covers(server, reach) for scope in found for server in queries.fleet.snapshot().servers)

    def test_two_may_have_one_name(self, new_uow):
        channels = [stored_channel(new_uow, "team") for _ in range(2)]
        with new_uow() as uow:
            assert uow.channels.all() == channels

    def test_all_are_in_id_order(self, new_uow):
        with new_uow() as uow:
            assert uow.channels.all() == []
        channels = [stored_channel(new_uow, name) for name in ("c", "a", "b")]
        with new_uow() as uow:
            uow.channels.save(replace(channels[0], name="z"))
            assert uow.channels.all() == [replace(channels[0], name="z"), *channels[1:]]

    def test_save_replaces_every_field(self, new_uow):
        channel = stored_channel(new_uow)
        changed = a_channel(
            "other",
            id=channel.id,
            kind=ChannelKind("email"),
            settings={"address": "a@example.com"},
            created_at=channel.created_at + SECOND,
            least_level=Level.CRITICAL,
            scope=ChannelScope(tag="web"),
            enabled=False,
        )
        with new_uow() as uow:
            uow.channels.save(changed)
            uow.commit()
        with new_uow() as uow:
            assert uow.channels.get(channel.id) == changed

    def test_saving_an_unchanged_one_is_no_error(self, new_uow):
        channel = stored_channel(new_uow)
        with new_uow() as uow:
            uow.channels.save(channel)
            uow.commit()
        with new_uow() as uow:
            assert uow.channels.get(channel.id) == channel

    def test_later_changes_of_the_caller_are_not_stored(self, new_uow):
        settings = {"url": "https://hooks.example.com/a"}
        channel = stored_channel(new_uow, settings=settings)
        settings["url"] = "https://hooks.example.com/b"
        with new_uow() as uow:
            assert dict(uow.channels.get(channel.id).settings) == {"url": "https://hooks.example.com/a"}

    def test_an_unknown_channel_is_not_found(self, new_uow):
        attempts: list[Callable[[UnitOfWork], object]] = [
            lambda uow: uow.channels.get(UNKNOWN),
            lambda uow: uow.channels.save(a_channel(id=UNKNOWN)),
            lambda uow: uow.channels.delete(UNKNOWN),
        ]
        for attempt in attempts:
            with new_uow() as uow, pytest.raises(NotFound):
                attempt(uow)

    def test_delete_removes_one(self, new_uow):
        channel, kept = stored_channel(new_uow, "one"), stored_channel(new_uow, "two")
        with new_uow() as uow:
            uow.channels.delete(channel.id)
            uow.commit()
        with new_uow() as uow:
            assert uow.channels.all() == [kept]
            with pytest.raises(NotFound):
                uow.channels.get(channel.id)

    def test_an_id_is_used_once(self, new_uow):
        """Notifications of a deleted channel are never taken as another's."""
        channel = stored_channel(new_uow)
        with new_uow() as uow:
            uow.channels.delete(channel.id)
            uow.commit()
        assert stored_channel(new_uow).id > channel.id

    def test_two_may_save_at_the_same_time(self, new_uow):
        channel = stored_channel(new_uow)

        def save(name: str) -> None:
            with new_uow() as uow:
                uow.channels.save(replace(uow.channels.get(channel.id), name=name))
                uow.commit()

        at_once(*(lambda name=name: until_no_conflict(lambda: save(name)) for name in ("a", "b")))
        with new_uow() as uow:
            assert uow.channels.get(channel.id).name in {"a", "b"}
