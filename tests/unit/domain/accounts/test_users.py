import unicodedata
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.domain.accounts.actors import Role
from monitor.domain.accounts.users import check_password, is_common, username_key
from monitor.domain.errors import InvalidInput
from tests.contracts.builders import a_user

# Letters with unusual forms of case, width, composition or compatibility.
AWKWARD = "ßẞıİiIſKΣσςǅﬁﬃﷺ①Ａａ\u0345\u0301\u0327\u1fb3\u1e9b\u0323한각"
names = st.text(min_size=1, max_size=50) | st.text(st.sampled_from(AWKWARD), min_size=1, max_size=12)


def refused(password: str, username: str = "alice", role: Role = Role.USER) -> str | None:
    try:
        check_password(password, username=username, role=role, field="new_password")
    except InvalidInput as error:
        assert list(error.problems) == ["new_password"]  # noqa: PT017 (whether it is raised depends on what is drawn)
        return error.problems["new_password"].code
    return None


@given(names)
def test_the_key_of_a_key_is_itself(name):
    key = username_key(name)
    assert username_key(key) == key


@given(names)
def test_case_width_and_composition_do_not_change_the_key(name):
    key = username_key(name)
    assert username_key(unicodedata.normalize("NFC", name)) == key
    assert username_key(unicodedata.normalize("NFD", name)) == key
    assert username_key(unicodedata.normalize("NFKC", name)) == key
    assert username_key(unicodedata.normalize("NFKC", name).casefold()) == key


@given(st.text("abcXYZ019_.-@", min_size=1))
def test_keys_of_plain_names_are_their_lower_case(name):
    assert username_key(name) == name.lower()


@pytest.mark.parametrize(
    ("one", "two"),
    [("Straße", "STRASSE"), ("ａｄｍｉｎ", "Admin"), ("ﬁle", "FILE"), ("Σίσυφος", "ΣΊΣΥΦΟΣ"), ("K", "k")],
)
def test_look_alike_names_are_the_same(one, two):
    assert username_key(one) == username_key(two)


@pytest.mark.parametrize(("one", "two"), [("alice", "alicé"), ("alice", "alice2"), ("a b", "ab"), ("i", "ı")])
def test_different_names_stay_different(one, two):
    assert username_key(one) != username_key(two)


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"username": ""}, {"username": "empty"}),
        ({"username": "x" * 51}, {"username": "too_long"}),
        ({"username": "ad\u202emin"}, {"username": "control_characters"}),
        ({"email": "a@b\r\nBcc: c@d"}, {"email": "invalid_email"}),
        ({"locale": "xx"}, {"locale": "not_one_of"}),
    ],
)
def test_an_invalid_user_is_refused(changes, problem):
    with pytest.raises(InvalidInput) as caught:
        replace(a_user(), **changes)
    assert {name: found.code for name, found in caught.value.problems.items()} == problem


def test_a_name_and_an_address_lose_the_space_around_them():
    user = a_user(" alice ", email=" a@b.c ")
    assert (user.username, user.email) == ("alice", "a@b.c")
    assert a_user(email=" ").email is None


@pytest.mark.parametrize(
    ("password", "problem"),
    [
        ("", "too_short"),
        ("x" * 7, "too_short"),
        ("sevenèè", "too_short"),
        ("eight ch", None),
        ("🖥" * 8, None),
        ("x" * 128, None),
        ("x" * 129, "too_long"),
        ("x" * 10_000_000, "too_long"),
        ("nul\0 inside", "control_characters"),
        ("lone \ud800 surrogate", "control_characters"),
        ("tab\tand\nnewline", None),
        ("        ", None),
    ],
)
def test_a_password_has_8_to_128_characters_that_can_be_hashed(password, problem):
    assert refused(password) == problem
    assert refused(password, role=Role.ADMIN) == problem


@pytest.mark.parametrize("password", ["Alice Liddell", "alice liddell", "ＡＬＩＣＥ ＬＩＤＤＥＬＬ"])
def test_a_password_is_not_the_users_name(password):
    assert refused(password, username="Alice Liddell") == "password_is_username"
    assert refused(password + "!", username="Alice Liddell") is None


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("password", ["password123", "Password123", "PASSWORD123", "admin123", "12345678", "woaini520"])
def test_a_common_password_is_refused_for_everyone(password, role):
    assert is_common(password)
    assert refused(password, role=role) == "common_password"
    assert a_user().with_password(password, "hash", 2).has_common_password


@pytest.mark.parametrize("password", ["password123", "newpassword123"])
def test_an_administrator_may_give_users_the_documented_examples(password):
    check_password(password, username="newuser", role=Role.USER, is_given=True)
    for role, is_given in ((Role.ADMIN, True), (Role.USER, False)):
        with pytest.raises(InvalidInput):
            check_password(password, username="newuser", role=role, is_given=is_given)
    with pytest.raises(InvalidInput):
        check_password("password124", username="newuser", role=Role.USER, is_given=True)


@given(st.text(max_size=140), st.text(min_size=1, max_size=50), st.sampled_from(Role))
def test_any_text_is_accepted_or_refused_with_invalid_input(password, username, role):
    if refused(password, username, role) is None:
        assert 8 <= len(password) <= 128
        password.encode()


def test_a_new_password_ends_old_tokens_and_clears_the_default():
    user = a_user(token_version=1, has_default_password=True, has_common_password=True, has_temporary_password=True)
    changed = user.with_password("correct horse", "new hash", 2)
    expected = replace(
        user,
        password_hash="new hash",
        token_version=2,
        has_default_password=False,
        has_common_password=False,
        has_temporary_password=False,
    )
    assert changed == expected
