from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.domain.accounts.actors import UserId
from monitor.domain.errors import InvalidInput
from monitor.domain.fleet.servers import MAX_TAG, MAX_TAGS, checked_tags
from monitor.domain.text import has_invisible_characters
from tests.contracts.builders import ADMIN, NOBODY, a_server

tag_texts = st.text(max_size=60) | st.text("ab ,;\t\n\u202e\u200d\ud800é", max_size=6)


def problems(**changes: Any) -> dict[str, str]:
    try:
        a_server(**changes)
    except InvalidInput as error:
        return {field: problem.code for field, problem in error.problems.items()}
    return {}


def is_good(tag: str) -> bool:
    bare = tag.strip()
    return 1 <= len(bare) <= MAX_TAG and not set(";,") & set(bare) and not has_invisible_characters(bare)


@given(st.lists(tag_texts, max_size=5))
def test_tags_are_kept_bare_or_refused_together(tags):
    try:
        checked = checked_tags(tags)
    except InvalidInput as error:
        assert list(error.problems) == ["tags"]  # noqa: PT017 (whether it is raised depends on what is drawn)
        assert not all(is_good(tag) for tag in tags)
        return
    assert all(is_good(tag) for tag in tags)
    assert checked == {tag.strip() for tag in tags}
    assert checked_tags(checked) is checked
    # The form in which they travel in CSV.
    assert checked_tags(";".join(checked).split(";") if checked else []) == checked


def test_there_are_at_most_twenty_different_tags():
    twenty = [f"t{n}" for n in range(MAX_TAGS)]
    assert len(checked_tags([*twenty, *twenty, " t0 "])) == MAX_TAGS
    assert problems(tags=frozenset([*twenty, "one more"])) == {"tags": "too_many"}


@pytest.mark.parametrize("tag", ["", " ", "a;b", "a,b", "a\nb", "a\u202eb", "a\u200bb", "\ud800", "x" * 51])
def test_a_bad_tag_is_refused(tag):
    assert problems(tags=frozenset({"fine", tag})) == {"tags": "invalid_tag"}


@pytest.mark.parametrize("port", [1, 22, 65535])
def test_a_port(port):
    assert a_server(port=port).port == port


@pytest.mark.parametrize("port", [0, -1, 65536, True, False])
def test_no_port(port):
    assert problems(port=port) == {"port": "out_of_range"}


@pytest.mark.parametrize(
    ("name", "code"), [("", "empty"), ("  ", "empty"), ("x" * 101, "too_long"), ("a\0b", "control_characters")]
)
def test_a_bad_name_is_reported_under_the_field_name_of_the_api(name, code):
    assert problems(name=name) == {"server_name": code}


def test_a_server_is_valid_however_it_came_to_be():
    server = a_server(" 2001:DB8::1 ", name=" web ", tags=frozenset({" a ", "a"}))
    assert (server.name, server.ip_address, server.tags) == ("web", "2001:db8::1", frozenset({"a"}))
    with pytest.raises(InvalidInput):
        replace(server, ip_address="nowhere")


def test_it_is_seen_by_those_linked_to_it_and_by_admins():
    linked = a_server(user_ids=frozenset({NOBODY.user_id}))
    assert linked.is_visible_to(NOBODY)
    assert linked.is_visible_to(ADMIN)
    assert a_server().is_visible_to(ADMIN)
    assert not a_server(user_ids=frozenset({ADMIN.user_id})).is_visible_to(NOBODY)


@given(before=st.frozensets(st.integers(1, 9)), wanted=st.frozensets(st.integers(1, 9)))
def test_a_user_stays_linked_and_an_admin_need_not(before, wanted):
    server = a_server(user_ids=frozenset(map(UserId, before)))
    assert server.with_users(map(UserId, wanted), ADMIN).user_ids == wanted
    assert server.with_users(map(UserId, wanted), NOBODY).user_ids == wanted | {NOBODY.user_id}
