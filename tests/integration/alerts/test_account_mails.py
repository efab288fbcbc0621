"""Mails about accounts through a real mail server: past a kill, and from two processes."""

from contextlib import AbstractContextManager, ExitStack
from pathlib import Path

import pytest

from tests.integration.alerts import scene
from tests.integration.alerts.mail_server import Mail, MailServer, mail_server
from tests.integration.cli.client import Client
from tests.integration.cli.running import Process, server, wait_for

BASE_URL = "https://monitor.example.com"
SETTINGS = {"MONITOR_BASE_URL": BASE_URL, "JWT_SECRET_KEY": "the same for both processes, as it should be"}
MANY = 12


def move(admin: Client, user_id: int, name: str, to: str) -> None:
    """Give the user another address; the mail about it goes to the former one."""
    assert admin.put(f"/api/users/{user_id}", {"email": f"{name}-{to}@example.com"}).data


def test_it_arrives_with_what_changed_and_a_link(tmp_path: Path, sqlite_url: str) -> None:
    with mail_server() as mails, server(tmp_path, sqlite_url, **SETTINGS, **mails.settings) as running:
        with running.admin() as admin:
            move(admin, scene.person(admin, "ann"), "ann", "new")
        wait_for(lambda: mails.to("ann@example.com"), "the mail")
        [mail] = mails.mails
    assert "Your e-mail address was changed" in str(mail.message["Subject"])
    for part in (mail.text, mail.html):
        assert all(text in part for text in ("ann-new@example.com", "admin", "127.0.0.1", f"{BASE_URL}/profile"))


@pytest.mark.nightly
@pytest.mark.parametrize("url", ["sqlite_url", "mariadb_url"])
def test_a_kill_while_it_is_handed_over_loses_none(tmp_path: Path, url: str, request: pytest.FixtureRequest) -> None:
    """The mail server has it, and the process dies before it hears so: it is sent again as the same message."""
    with (
        mail_server() as mails,
        server(tmp_path, request.getfixturevalue(url), **SETTINGS, **mails.settings) as running,
    ):
        with running.admin() as admin:
            ann = scene.person(admin, "ann")
            mails.at_next_mail = running.process.kill
            move(admin, ann, "ann", "new")
        wait_for(lambda: not running.is_running, "a mail to kill at")
        running.kill()
        [first] = mails.mails
        running.start()
        wait_for(lambda: len(mails.mails) > 1, "the mail again", deadline=40)
        assert [first.id, first.recipient] == [mails.mails[1].id, mails.mails[1].recipient]
        with running.admin() as admin:
            move(admin, ann, "ann", "newer")
        wait_for(lambda: mails.to("ann-new@example.com"), "the next mail")
        assert 3 == len(mails.mails)
        assert "Traceback" not in running.said


@pytest.mark.nightly
def test_two_processes_send_each_once(tmp_path: Path, mariadb_url: str) -> None:
    names = [f"user{number}" for number in range(MANY)]
    with ExitStack() as stack:
        mails = stack.enter_context(mail_server())
        one, other = (
            stack.enter_context(_serving(tmp_path / name, mariadb_url, mails)) for name in ("first", "second")
        )
        with one.admin() as admin:
            ids = [scene.person(admin, name) for name in names]
            for user_id, name in zip(ids, names, strict=True):
                move(admin, user_id, name, "new")
        wait_for(lambda: len(mails.mails) >= MANY, "all mails")
        with other.admin() as admin:
            move(admin, ids[0], names[0], "newer")
        wait_for(lambda: mails.to(f"{names[0]}-new@example.com"), "the last mail")
        assert MANY + 1 == len(_ids(mails.mails)) == len(mails.mails)
        assert "Traceback" not in one.said + other.said


def _serving(home: Path, url: str, mails: MailServer) -> AbstractContextManager[Process]:
    home.mkdir()
    return server(home, url, **SETTINGS, **mails.settings)


def _ids(mails: list[Mail]) -> set[str]:
    return {mail.id for mail in mails}
