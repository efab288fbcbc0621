"""Mail settings: stored and read, what the environment fixes, and where a password may go."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.domain.errors import InvalidInput
from monitor.domain.notifications.mail_settings import PASSWORD, PORTS, VARIABLES, MailSettings

NOTHING = MailSettings()
FORM: dict[str, Any] = {
    "host": "mail.example.com",
    "username": "ops@example.com",
    "password": "hush",
    "base_url": "https://monitor.example.com",
}
SAVED = NOTHING.changed(FORM, NOTHING)

texts = st.text(min_size=1, max_size=20)
stored = st.builds(
    MailSettings,
    host=st.none() | texts,
    port=st.none() | st.integers(1, 65535),
    security=st.none() | st.sampled_from(sorted(PORTS)),
    username=st.none() | texts,
    password=st.none() | texts,
    sender=st.none() | texts,
    base_url=st.none() | texts,
    password_for=st.none() | texts,
    seen_url=st.none() | texts,
    sent_with=st.none() | texts,
)
hosts, users = st.sampled_from([None, "a", "b"]), st.sampled_from([None, "u@x.org", "v@x.org"])
servers = {"host": hosts, "port": st.sampled_from([None, 25, 587]), "security": st.sampled_from([None, "tls"])}
changes = st.fixed_dictionaries(
    {}, optional={**servers, "username": users, "password": st.sampled_from([None, "p", "q"])}
)
environments = st.one_of(
    st.builds(MailSettings, host=hosts, port=servers["port"]),
    st.just(MailSettings(host="env", username="e@x.org", password="of the environment")),
)


def refused(before: MailSettings, environment: MailSettings = NOTHING, **changed: Any) -> dict[str, str]:
    with pytest.raises(InvalidInput) as error:
        before.changed(changed, environment)
    return {name: problem.code for name, problem in error.value.problems.items()}


@given(stored)
def test_stored_settings_are_read_back_equal(settings: MailSettings) -> None:
    assert settings == MailSettings.of(settings.stored())


@given(st.lists(changes, max_size=6), environments, environments)
def test_a_password_goes_nowhere_but_where_it_was_entered_for(
    steps: list[dict[str, Any]], environment: MailSettings, later: MailSettings
) -> None:
    """Whatever is changed after it, and whatever the environment sets after that."""
    settings, entered = NOTHING, dict[str, str]()
    for step in steps:
        try:
            settings = settings.changed(step, environment)
        except InvalidInput:
            continue
        if step.get("password"):
            entered[step["password"]] = settings.within(environment).destination
    for each in (environment, later):
        applies = settings.within(each)
        if each.password is not None:
            assert (applies.host, applies.password) == (each.host, each.password)
        elif applies.password is not None:
            assert entered[applies.password] == applies.destination


@given(stored, environments)
def test_what_the_environment_sets_wins(settings: MailSettings, environment: MailSettings) -> None:
    applies = settings.within(environment)
    for name in VARIABLES:
        if (value := getattr(environment, name)) is not None:
            assert value == getattr(applies, name)
            assert VARIABLES[name] == environment.fixed[name]
        elif name not in environment.fixed and name != "password":
            assert getattr(settings, name) == getattr(applies, name)


def test_usual_values_fill_in_what_is_not_set() -> None:
    assert (587, "starttls", "ops@example.com", True) == (
        SAVED.used_port,
        SAVED.used_security,
        SAVED.used_sender,
        SAVED.is_complete,
    )
    assert 465 == SAVED.changed({"security": "tls", "password": "hush"}, NOTHING).used_port


@pytest.mark.parametrize(
    "change",
    [{"host": "evil.example.com"}, {"port": 2525}, {"security": "none"}, {"username": "eve@example.com"}],
)
def test_another_destination_needs_the_password_again(change: dict[str, Any]) -> None:
    assert {"password": "required"} == refused(SAVED, **change)
    assert "new" == SAVED.changed(change | {"password": "new"}, NOTHING).password
    assert SAVED.password == SAVED.changed({"sender": "root@example.com"}, NOTHING).password


def test_without_a_host_or_a_user_no_password_stays() -> None:
    for name in ("host", "username"):
        change = {name: None, "sender": "ops@example.com"}
        assert SAVED.changed(change, NOTHING).password is None


@pytest.mark.parametrize(
    ("change", "problems"),
    [
        ({"host": "two words"}, {"host": "invalid_host"}),
        ({"host": "h" * 254}, {"host": "invalid_host"}),
        ({"sender": "nobody"}, {"sender": "invalid_email"}),
        ({"username": "ops", "password": "p"}, {"sender": "required"}),
        ({"username": None}, {"sender": "required"}),
        ({"password": "a\r\nQUIT"}, {"password": "control_characters"}),
        ({"password": None}, {"password": "required"}),
        ({"base_url": "monitor.example.com"}, {"base_url": "invalid_url"}),
        ({"base_url": "https://a.example.com:70000"}, {"base_url": "invalid_url"}),
        ({"base_url": "https://a.example.com/'$(x)"}, {"base_url": "invalid_url"}),
    ],
)
def test_wrong_values(change: dict[str, Any], problems: dict[str, str]) -> None:
    assert problems == refused(NOTHING, **(FORM | change))


def test_a_form_may_send_back_what_the_environment_sets() -> None:
    """But not change it."""
    environment = MailSettings(host="env.example.com", base_url="https://env.example.com")
    shown = {"host": "env.example.com", "base_url": "https://env.example.com/", "sender": "ops@example.com"}
    assert MailSettings(sender="ops@example.com") == NOTHING.changed(shown, environment)
    assert {"host": "set_by_environment"} == refused(NOTHING, environment, **shown | {"host": "b"})


def test_a_lost_password_stays_stored_until_it_is_entered_again() -> None:
    lost = MailSettings.of(SAVED.stored() | {PASSWORD: 0.0})
    assert lost.password_lost
    assert not lost.is_complete
    assert PASSWORD not in lost.stored()
    assert {"password": "required"} == refused(lost, sender="root@example.com")
    assert SAVED == lost.changed({"password": "hush"}, NOTHING)


def test_it_works_with_the_server_that_took_a_mail() -> None:
    proven = replace(SAVED, sent_with=SAVED.destination)
    assert not SAVED.works
    assert proven.works
    assert not proven.changed({"port": 25, "password": "hush"}, NOTHING).works
