"""A wrong value is one line that names its variable."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.adapters.agent.main import main
from monitor.adapters.agent.settings import SettingError, load
from monitor.adapters.agent.uplink.target import parse_url

KEY = {"API_KEY": "mk_secret"}


def test_a_key_is_all_that_is_needed():
    settings = load([], {**KEY, "XDG_STATE_HOME": "/state"})
    assert settings.target.url == "http://127.0.0.1:8000"
    assert settings.interval == 15
    assert settings.spool == "/state/monitor/agent.spool"
    assert (settings.ip, settings.metrics_dir, settings.once, settings.print_payload) == (None, None, False, False)


def test_flags_override_the_environment():
    environ = {**KEY, "API_URL": "http://a:1", "INTERVAL": "30", "AGENT_SPOOL": "/a", "AGENT_IP": "10.0.0.1"}
    flags = ["--api-url", "https://b/monitor/", "--interval", "5", "--spool", "/b", "--ip", "10.0.0.2"]
    settings = load(flags, environ)
    assert settings.target == (True, "b", 443, "/monitor")
    assert settings.target.url == "https://b/monitor"
    assert (settings.interval, settings.spool, settings.ip) == (5, "/b", "10.0.0.2")


def test_an_empty_variable_counts_as_absent():
    """Files of settings often list variables without a value."""
    settings = load([], {**KEY, "API_URL": "", "INTERVAL": "", "AGENT_IP": "", "AGENT_SPOOL": "", "API_KEY_FILE": ""})
    assert (settings.target.url, settings.interval, settings.ip) == ("http://127.0.0.1:8000", 15, None)


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("API_KEY", ""),
        ("API_KEY", "has space"),
        ("API_KEY", "line\nbreak"),
        ("API_KEY", "schlüssel"),
        ("API_URL", "ftp://server"),
        ("API_URL", "server:8000"),
        ("API_URL", "http://"),
        ("API_URL", "http://user:pass@server"),
        ("API_URL", "http://server:99999"),
        ("API_URL", "http://server/?q=1"),
        ("API_URL", "http://server/a b"),
        ("API_URL", "http://[::1"),
        ("INTERVAL", "soon"),
        ("INTERVAL", "0"),
        ("INTERVAL", "-5"),
        ("INTERVAL", "nan"),
        ("INTERVAL", "inf"),
        ("INTERVAL", "1e9"),
        ("AGENT_IP", "somewhere"),
        ("AGENT_IP", "1.2.3"),
        ("API_KEY_FILE", "/nowhere/key"),
    ],
)
def test_wrong_values(variable, value, capsys, monkeypatch):
    environ = {**KEY, variable: value}
    if variable == "API_KEY_FILE":
        del environ["API_KEY"]
    for name in ("API_KEY", "API_URL", "INTERVAL", "AGENT_IP", "AGENT_SPOOL", "API_KEY_FILE"):
        monkeypatch.delenv(name, raising=False)
    for name, text in environ.items():
        monkeypatch.setenv(name, text)
    assert main([]) == 2
    error = capsys.readouterr().err
    assert error.count("\n") == 1
    assert variable in error
    assert "mk_secret" not in error
    assert variable != "API_KEY" or not value or value not in error


def test_a_wrong_flag_is_one_line_too(capsys):
    assert main(["--intervall", "3"]) == 2
    assert capsys.readouterr().err.count("\n") == 1


def test_help_names_every_setting(capsys):
    assert main(["--help"]) == 0
    text = capsys.readouterr().out
    variables = ("API_URL", "API_KEY", "API_KEY_FILE", "INTERVAL", "AGENT_SPOOL", "AGENT_IP", "AGENT_METRICS_DIR")
    for name in (*variables, "--once", "--print-payload"):
        assert name in text


def test_a_key_may_come_from_a_file(tmp_path):
    file = tmp_path / "key"
    file.write_text("mf_from_file\n")
    assert load([], {"API_KEY_FILE": str(file)}).api_key == "mf_from_file"
    assert load([], {**KEY, "API_KEY_FILE": str(file)}).api_key == "mk_secret"
    assert load(["--api-key-file", str(file)], KEY).api_key == "mf_from_file"


def test_the_payload_can_be_printed_without_a_key():
    assert load(["--print-payload"], {}).api_key == ""


def test_settings_do_not_show_the_key():
    assert "mk_secret" not in repr(load([], KEY))


@pytest.mark.parametrize(
    ("url", "target"),
    [
        ("HTTP://Server", (False, "server", 80, "")),
        ("https://server:", (True, "server", 443, "")),
        ("http://[FE80::1%eth0]:8000/a@b/", (False, "fe80::1%eth0", 8000, "/a@b")),
        ("http://bücher.example/", (False, "xn--bcher-kva.example", 80, "")),
    ],
)
def test_addresses_of_a_server(url, target):
    assert parse_url(url) == target


@pytest.mark.parametrize("url", ["http://a℀b", "http://[server]", "http://a:b", "http://a:65536", "http://:80"])
def test_wrong_addresses(url):
    with pytest.raises(ValueError, match="API_URL"):
        parse_url(url)


@given(st.text(max_size=30) | st.from_regex(r"https?://[a-z:\[\]@/?#.0-9]{0,20}", fullmatch=True))
def test_any_address_is_parsed_or_raises_value_error(text):
    try:
        target = parse_url(text)
    except ValueError:
        return
    assert parse_url(target.url) == target


def test_units_containers_and_checks(tmp_path):
    checks = tmp_path / "checks"
    checks.write_text("gw ping 192.0.2.1\n")
    given = {"API_KEY": "mk_x", "AGENT_UNITS": "nginx.service, postgresql@*,", "AGENT_CHECKS": str(checks)}
    wanted = load([], {**given, "AGENT_CONTAINERS": "unix:///run/podman/podman.sock"}).wanted
    assert wanted.units == ("nginx.service", "postgresql@*")
    assert wanted.containers == "/run/podman/podman.sock"
    assert [check.name for check in wanted.checks] == ["gw"]
    assert load([], {"API_KEY": "mk_x"}).wanted == ((), None, ())
    assert load([], {"API_KEY": "mk_x", "AGENT_CONTAINERS": "off"}).wanted.containers == "off"


@pytest.mark.parametrize(
    ("name", "text", "why"),
    [
        ("AGENT_UNITS", "a b", "names of units"),
        ("AGENT_UNITS", "../x", "names of units"),
        ("AGENT_UNITS", ",".join("abcdefghij" for _ in range(101)), "more than 100"),
        ("AGENT_CONTAINERS", "tcp://127.0.0.1:2375", "the path of a socket"),
        ("AGENT_CHECKS", "/nowhere/checks", "cannot be read: No such file"),
    ],
)
def test_wrong_ones_are_named(name, text, why):
    with pytest.raises(SettingError, match=f"{name}.*{why}"):
        load([], {"API_KEY": "mk_x", name: text})
