"""Where commands find the server and the token, and what is refused before a request is made."""

from pathlib import Path

import pytest

from monitor.cli.remote import Access, access
from monitor.settings import SettingsError

TOKEN = "mon_" + "aZ0_-" * 8 + "abc"
URL = {"MONITOR_URL": "https://monitor.example.com/"}


def refusal(**environ: str) -> str:
    with pytest.raises(SettingsError) as refused:
        access(environ, allows_plain_http=False)
    assert TOKEN[:20] not in str(refused.value)
    return str(refused.value)


def test_both_come_from_the_environment(tmp_path: Path) -> None:
    expected = Access(url="https://monitor.example.com", token=TOKEN)
    file = tmp_path / "token"
    file.write_text(f"{TOKEN}\n")
    assert expected == access(URL | {"MONITOR_TOKEN": f" {TOKEN} "}, allows_plain_http=False)
    assert expected == access(URL | {"MONITOR_TOKEN_FILE": str(file)}, allows_plain_http=False)
    assert TOKEN not in repr(expected)


def test_what_is_missing_is_named() -> None:
    assert refusal(MONITOR_TOKEN=TOKEN).startswith("MONITOR_URL: required")
    assert refusal(**URL).startswith("MONITOR_TOKEN: required")
    assert refusal(**URL, MONITOR_TOKEN="").startswith("MONITOR_TOKEN: required")


@pytest.mark.parametrize("token", ["secret", "mk_" + TOKEN, TOKEN + " x", TOKEN + "é", "mon_short"])
def test_a_wrong_token_is_named_and_not_shown(tmp_path: Path, token: str) -> None:
    assert "MONITOR_TOKEN: must be a personal token, which begins with mon_" == refusal(**URL, MONITOR_TOKEN=token)
    file = tmp_path / "token"
    file.write_text(token)
    line = refusal(**URL, MONITOR_TOKEN_FILE=str(file))
    assert line.startswith(f"MONITOR_TOKEN_FILE: {file} must")
    assert "\n" not in line


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    line = refusal(**URL, MONITOR_TOKEN_FILE=str(tmp_path / "none"))
    assert line.startswith(f"MONITOR_TOKEN_FILE: can't read {tmp_path / 'none'}: ")


def test_one_token_is_enough(tmp_path: Path) -> None:
    file = tmp_path / "token"
    file.write_text(TOKEN)
    line = refusal(**URL, MONITOR_TOKEN=TOKEN, MONITOR_TOKEN_FILE=str(file))
    assert "MONITOR_TOKEN_FILE: not together with MONITOR_TOKEN" == line


@pytest.mark.parametrize("url", ["monitor.example.com", "ftp://monitor", "https://me:secret@monitor", "https://m\n"])
def test_a_wrong_address_is_named(url: str) -> None:
    assert refusal(MONITOR_URL=f"x{url}", MONITOR_TOKEN=TOKEN).startswith("MONITOR_URL: must be an address")


@pytest.mark.parametrize("url", ["http://monitor.lan:8000", "http://192.0.2.1", "http://localhost.evil.example"])
def test_plain_http_has_to_be_allowed(url: str) -> None:
    environ = {"MONITOR_URL": url, "MONITOR_TOKEN": TOKEN}
    assert "--plain-http" in refusal(**environ)
    assert url == access(environ, allows_plain_http=True).url


@pytest.mark.parametrize("url", ["http://localhost:8000", "http://127.0.0.1:8000", "http://[::1]:8000/monitor"])
def test_plain_http_to_this_machine_is_allowed(url: str) -> None:
    assert url == access({"MONITOR_URL": url, "MONITOR_TOKEN": TOKEN}, allows_plain_http=False).url
