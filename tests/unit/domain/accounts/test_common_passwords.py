"""The list of common passwords."""

from pathlib import Path

import pytest

from monitor.domain.accounts import users
from monitor.domain.accounts.users import is_common

LISTED = [
    line
    for line in Path(users.__file__).with_name("common_passwords.txt").read_text().splitlines()
    if not line.startswith("#")
]


def test_the_list_has_ten_thousand_passwords_of_allowed_length():
    assert len(set(LISTED)) == len(LISTED) >= 10_000
    assert all(8 <= len(password) <= 128 and password == password.casefold() for password in LISTED)
    assert all(map(is_common, LISTED[::500]))


BEST_KNOWN = """
    password 123456789 qwertyuiop iloveyou sunshine princess football baseball trustno1 superman 1q2w3e4r 1qaz2wsx
    asdfghjkl zaq12wsx passw0rd p@ssw0rd welcome1 letmein1 abcd1234 michelle jennifer corvette mercedes rush2112
    liverpool chocolate butterfly startrek q1w2e3r4 qwer1234 admin123 changeme administrator woaini1314
"""


@pytest.mark.parametrize("password", BEST_KNOWN.split())
def test_the_best_known_passwords_are_on_the_list(password: str):
    assert is_common(password)
    assert is_common(password.upper())


@pytest.mark.parametrize("password", ["Sunshine2026!", "IloveYou!!", "password?", "football99"])
def test_digits_and_marks_at_the_end_make_no_difference(password: str):
    assert is_common(password)


@pytest.mark.parametrize(
    "password", ["Monitor2026!", "monitor-server", "Server Alerts 1", "监控告警2026", "monitoring"]
)
def test_the_product_s_own_words_are_common(password: str):
    assert is_common(password)


@pytest.mark.parametrize(
    "password",
    [
        "monitor the tides",
        "observer-42",
        "correct horse battery",
        "a brand new one",
        "xkcd-936",
        "sunshine and rain",
        "!!!!????",
        "",
        "\n",
        "密码密码密码",
    ],
)
def test_other_passwords_are_not_common(password: str):
    assert not is_common(password)
