"""The file of checks, line by line."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.adapters.agent.probes.checks import MOST_CHECKS, load_checks, parse_check
from monitor.adapters.agent.uplink.target import Target


@pytest.mark.parametrize(
    ("line", "target", "path"),
    [
        ("site http https://example.org", Target(True, "example.org", 443, ""), "/"),
        ("site http http://[::1]:8080/a/?b=c&d", Target(False, "::1", 8080, ""), "/a/?b=c&d"),
        ("db tcp db.internal:3306", Target(False, "db.internal", 3306, ""), ""),
        ("cert tls [2001:db8::1]:443", Target(True, "2001:db8::1", 443, ""), ""),
        ("gw ping 192.0.2.1", Target(False, "192.0.2.1", 0, ""), ""),
        ("gw ping fe80::1", Target(False, "fe80::1", 0, ""), ""),
        ("name dns example.org", None, "example.org"),
        ("name dns example.org@9.9.9.9", Target(False, "9.9.9.9", 53, ""), "example.org"),
        ("name dns example.org@[::1]:5353", Target(False, "::1", 5353, ""), "example.org"),
    ],
)
def test_each_kind_has_its_targets(line, target, path):
    check = parse_check(line)
    assert (check.target, check.path) == (target, path)


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("site http", "NAME KIND TARGET"),
        ("a/b tcp x:1", "the name 'a/b'"),
        ("site ftp x", "one of http, tcp, tls, ping, dns"),
        ("site http example.org", "must be a URL"),
        ("site http https://user:secret@example.org", "must be a URL"),
        ("db tcp example.org", "must be host:port"),
        ("db tcp example.org:0", "must be host:port"),
        ("db tcp example.org:70000", "must be host:port"),
        ("cert tls example.org:443/x", "must be host:port"),
        ("gw ping example.org:80", "must be a host"),
        ("name dns exa mple", "NAME KIND TARGET"),
        ("name dns example..org", "must be a name"),
        ("name dns example.org@", "must be a name"),
        ("name dns @9.9.9.9", "must be a name"),
    ],
)
def test_a_line_that_is_wrong_says_what_is_right(line, why):
    with pytest.raises(ValueError, match=why.replace("(", r"\(")):
        parse_check(line)


@given(st.text())
def test_no_line_raises_anything_but_value_error(line):
    try:
        parse_check(f"name {line}")
    except ValueError:
        return


def test_the_file_may_have_comments_and_no_name_twice(tmp_path):
    file = tmp_path / "checks"
    file.write_text("# ours\n\n a tcp x:1 \nb ping y\n")
    assert [check.name for check in load_checks(str(file))] == ["a", "b"]
    file.write_text("a tcp x:1\nA ping y\n")
    with pytest.raises(ValueError, match="line 2: there is a check A already"):
        load_checks(str(file))
    file.write_text("".join(f"c{number} ping y\n" for number in range(MOST_CHECKS + 1)))
    with pytest.raises(ValueError, match="more than 32"):
        load_checks(str(file))
    with pytest.raises(OSError, match="No such file"):
        load_checks(str(tmp_path / "nowhere"))
