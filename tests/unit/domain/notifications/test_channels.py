from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.domain.errors import InvalidInput
from monitor.domain.levels import Level
from monitor.domain.notifications.channels import MAX_CHANNEL_NAME
from tests.contracts.builders import HOSTILE, a_channel


@pytest.mark.parametrize("name", [*HOSTILE, "n", "n" * MAX_CHANNEL_NAME, "值班群"])
def test_a_name_is_kept_as_it_is(name) -> None:
    assert a_channel(name).name == name


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("", "empty"),
        ("   ", "empty"),
        ("n" * (MAX_CHANNEL_NAME + 1), "too_long"),
        ("a\r\nBcc: b@example.com", "control_characters"),
        ("a\0", "control_characters"),
        ("a\u202eb", "control_characters"),
    ],
)
def test_a_name_that_could_harm_a_screen_or_a_header_is_refused(name, code) -> None:
    with pytest.raises(InvalidInput) as caught:
        a_channel(name)
    assert caught.value.problems["name"].code == code


@given(st.text())
def test_a_name_is_trimmed_and_short_or_refused(name: str) -> None:
    try:
        channel = a_channel(name)
    except InvalidInput:
        return
    assert channel.name == name.strip()
    assert 1 <= len(channel.name) <= MAX_CHANNEL_NAME
    assert a_channel(channel.name) == channel


def test_by_default_it_is_enabled_for_all_levels() -> None:
    channel = a_channel()
    assert (channel.enabled, channel.least_level) == (True, Level.WARNING)


def test_a_change_is_checked_like_the_first() -> None:
    with pytest.raises(InvalidInput):
        replace(a_channel(), name="")
