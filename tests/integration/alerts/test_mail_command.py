"""`monitor mail test`: one line that says how it went."""

import subprocess
from pathlib import Path

import pytest

from tests.integration.alerts.mail_server import mail_server, smtp_settings
from tests.integration.cli.running import run
from tests.integration.ports import free_port


def mail_test(home: Path, address: str, **settings: str) -> subprocess.CompletedProcess[str]:
    return run(home, "mail", "test", address, settings=settings)


def test_sends_a_mail_that_says_it_is_a_test(tmp_path: Path):
    with mail_server() as mails:
        done = mail_test(tmp_path, "ann@example.com", **mails.settings)
        (mail,) = mails.to("ann@example.com")
    assert (0, "") == (done.returncode, done.stderr)
    assert 1 == len(done.stdout.splitlines())
    assert "ann@example.com" in done.stdout
    assert "test" in mail.message["Subject"].lower()


@pytest.mark.parametrize("refusal", ["550 5.1.1 no such mailbox", "451 4.7.1 come again"])
def test_says_what_the_server_answered(tmp_path: Path, refusal: str):
    with mail_server() as mails:
        mails.refusals["ann@example.com"] = refusal
        done = mail_test(tmp_path, "ann@example.com", **mails.settings)
    assert 1 == done.returncode
    (line,) = done.stderr.splitlines()
    assert refusal in line
    assert f"127.0.0.1:{mails.port}" in line


def test_says_that_there_is_no_recipient(tmp_path: Path):
    done = mail_test(tmp_path, "ann@example.com", **smtp_settings(free_port()))
    assert 1 == done.returncode
    (line,) = done.stderr.splitlines()
    assert "refused" in line.lower()


def test_says_that_the_server_has_no_starttls(tmp_path: Path):
    """Rather than to send in clear."""
    with mail_server() as mails:
        done = mail_test(tmp_path, "ann@example.com", **mails.settings | {"SMTP_SECURITY": "starttls"})
        assert [] == mails.mails
    assert 1 == done.returncode
    (line,) = done.stderr.splitlines()
    assert "STARTTLS" in line


@pytest.mark.parametrize(
    ("address", "settings", "says"),
    [
        ("ann@example.com", {}, "SMTP_HOST"),
        ("ann@example.com", {"SMTP_HOST": "127.0.0.1"}, "SMTP_FROM"),
        ("ann@example.com", smtp_settings(25) | {"SMTP_PORT": "none"}, "SMTP_PORT"),
    ],
)
def test_says_which_setting_is_missing_or_wrong(tmp_path: Path, address: str, settings: dict[str, str], says: str):
    done = mail_test(tmp_path, address, **settings)
    assert 2 == done.returncode
    (line,) = done.stderr.splitlines()
    assert says in line


@pytest.mark.parametrize("address", ["nobody", "a@b\r\nBcc: c@example.com", ""])
def test_takes_only_an_address(tmp_path: Path, address: str):
    with mail_server() as mails:
        done = mail_test(tmp_path, address, **mails.settings)
        assert [] == mails.mails
    assert 0 != done.returncode
    assert "Traceback" not in done.stderr
    assert 1 == len(done.stderr.splitlines())
